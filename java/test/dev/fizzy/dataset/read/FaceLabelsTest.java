package dev.fizzy.dataset.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.file.FileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FaceLabelsTest {
  @TempDir Path folder;

  private String refusal(String csv) throws IOException {
    Path file = Files.writeString(folder.resolve("l.csv"), csv);
    return assertThrows(FileException.class, () -> FaceLabels.byTable(List.of("a.jpg"), file))
        .getMessage();
  }

  @Test
  void tables() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("l.csv"),
            "identity,file,age\nanna,a.jpg,3\n,b.jpg,\n\"Ben, the \"\"younger\"\"\",c.jpg,4\n");
    assertEquals(
        Arrays.asList("Ben, the \"younger\"", null, null, "anna"),
        FaceLabels.byTable(List.of("c.jpg", "b.jpg", "d.jpg", "a.jpg"), file));
    assertTrue(refusal("file,who\na.jpg,x\n").contains("[file, who]"));
    assertTrue(refusal("file,identity\nb.jpg,x\n").contains("none of the 1 faces"));
    assertTrue(refusal("file,identity\na.jpg\n").contains("record 1"));
    assertTrue(refusal("file,identity\n\"a.jpg,x\n").contains("l.csv"));
  }

  @Test
  void folders() {
    assertEquals(List.of("p", "q/r"), FaceLabels.byFolder(List.of("p/1.png", "q/r/2.png")));
    assertEquals(Arrays.asList(null, null), FaceLabels.byFolder(List.of("p/1.png", "2.png")));
  }
}
