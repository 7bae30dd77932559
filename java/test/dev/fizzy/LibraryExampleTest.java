package dev.fizzy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.identity.TinyOnnx;
import dev.fizzy.image.ImageDecoder;
import dev.fizzy.image.Rgb;
import dev.fizzy.library.DrawFaces;
import dev.fizzy.library.EmbedFaces;
import dev.fizzy.library.OwnNetwork;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of docs/library.md run, and the document quotes them as they are. */
class LibraryExampleTest {
  @TempDir Path folder;

  private interface Example {
    void run() throws IOException;
  }

  /** What an example prints. */
  private static List<String> printed(Example example) throws IOException {
    PrintStream out = System.out;
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    System.setOut(new PrintStream(text, true, StandardCharsets.UTF_8));
    try {
      example.run();
    } finally {
      System.setOut(out);
    }
    return text.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void theDocumentQuotesTheExamplesAndTheVersion() throws IOException {
    String document = Files.readString(Path.of("docs/library.md"));
    for (String name : List.of("DrawFaces", "EmbedFaces", "OwnNetwork")) {
      String source = Files.readString(Path.of("java/test/dev/fizzy/library/" + name + ".java"));
      String quoted = "```java\n" + source.substring(source.indexOf("import ")) + "```\n";
      assertTrue(document.contains(quoted), "docs/library.md differs from " + name);
    }
    String pom = Files.readString(Path.of("pom.xml"));
    String version = pom.substring(pom.indexOf("<version>"), pom.indexOf("</version>"));
    assertTrue(document.contains("<artifactId>fizzy</artifactId>\n      " + version), version);
  }

  @Test
  void facesAreDrawnAndEmbedded() throws IOException {
    DrawFaces.main(new String[] {folder.toString()});
    String[] files = {"000000-0.png", "000000-1.png", "000001-0.png", "000001-1.png"};
    String[] args = new String[files.length + 1];
    args[0] = TinyOnnx.flatten(folder.resolve("embedder.onnx"), 1, 3, 112, 112).toString();
    byte[] last = null;
    for (int i = 0; i < files.length; i++) {
      args[i + 1] = folder.resolve(files[i]).toString();
      Rgb face = ImageDecoder.decode(Path.of(args[i + 1]));
      assertEquals(112, face.width());
      assertEquals(112, face.height());
      assertFalse(Arrays.equals(last, face.pixels()), files[i]);
      last = face.pixels();
    }
    List<String> lines = printed(() -> EmbedFaces.main(args));
    assertEquals(files.length - 1, lines.size());
    for (String line : lines) {
      double cosine = Double.parseDouble(line.substring(0, line.indexOf(' ')));
      assertTrue(cosine > -1 && cosine < 1, line);
    }
  }

  @Test
  void aNetworkOfOnesOwnRunsAndIsTimed() throws IOException {
    List<String> lines = printed(() -> OwnNetwork.main(new String[0]));
    int weights = 9 * 3 * 32 + 32 + 2 * 32 + 9 * 32 * 32 + 32;
    assertEquals(weights + " parameters, " + 8 * 64 * 64 * 32 + " results", lines.get(0));
    assertTrue(lines.stream().anyMatch(line -> line.startsWith("convolution")), lines.toString());
    assertTrue(lines.stream().anyMatch(line -> line.startsWith("group_norm")), lines.toString());
  }
}
