package dev.fizzy.dataset.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.file.FileException;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
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

  /** As other spreadsheets and systems write it. */
  @Test
  void separatorsCasesAndPaths() throws IOException {
    Path file = folder.resolve("l.csv");
    for (String table :
        List.of(
            "File;Identity\np/a.jpg;anna\nq/b.jpg;ben, the younger\n",
            "FILE\tIDENTITY\n./p/a.jpg\tanna\nq//./b.jpg\tben, the younger\n",
            "identity,file\nanna,p\\a.jpg\n\"ben, the younger\",q/b.jpg\n")) {
      Files.writeString(file, table);
      assertEquals(
          List.of("anna", "ben, the younger"),
          FaceLabels.byTable(List.of("p/a.jpg", "q/b.jpg"), file));
    }
  }

  /** As pandas and spreadsheets write it. */
  @Test
  void indexColumnsAndMarks() throws IOException {
    String pandas = ",file,identity\r\n0,a.jpg,anna\r\n1,b.jpg,ben\r\n";
    for (Charset charset : List.of(StandardCharsets.UTF_8, StandardCharsets.UTF_16LE)) {
      Path file = folder.resolve("l.csv");
      Files.writeString(file, "\ufeff" + pandas, charset);
      assertEquals(List.of("ben", "anna"), FaceLabels.byTable(List.of("b.jpg", "a.jpg"), file));
      Files.writeString(file, "\ufefffile,identity,,\na.jpg,zoë,,\n", charset);
      assertEquals(List.of("zoë"), FaceLabels.byTable(List.of("a.jpg"), file));
    }
    assertTrue(refusal("file,file,identity\na.jpg,b.jpg,x\n").contains("once each"));
    assertTrue(refusal("file,identity,identity\na.jpg,x,y\n").contains("once each"));
    assertTrue(refusal("x".repeat(100_000) + ",file\n").length() < 500);
    Path latin = folder.resolve("latin.csv");
    Files.writeString(latin, "file,identity\na.jpg,zoë\n", StandardCharsets.ISO_8859_1);
    assertTrue(
        assertThrows(FileException.class, () -> FaceLabels.byTable(List.of("a.jpg"), latin))
            .getMessage()
            .contains("save it as UTF-8"));
  }

  @Test
  void folders() {
    assertEquals(List.of("p", "q"), FaceLabels.byFolder(List.of("p/1.png", "q/r/2.png")));
    assertEquals(Arrays.asList(null, null), FaceLabels.byFolder(List.of("p/1.png", "2.png")));
  }
}
