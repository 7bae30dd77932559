package dev.fizzy.recognition.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.dataset.read.FaceFolder;
import dev.fizzy.file.FileException;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lists of pairs as people, spreadsheets and other programs write them. */
class VerificationPairsTest {
  private static final List<String> LFW =
      List.of("2\t1", "Ann_Lee\t1\t2", "Ann_Lee\t1\tBo\t1", "Bo\t1\t2", "Ann_Lee\t2\tBo\t2");

  @TempDir Path folder;
  private FaceFolder faces;

  @BeforeEach
  void faces() throws IOException {
    for (String person : List.of("Ann_Lee", "Bo")) {
      for (int i = 1; i <= 2; i++) {
        Path file = folder.resolve("f/" + person + "/" + person + "_000" + i + ".jpg");
        Files.createDirectories(file.getParent());
        Files.writeString(file, "not looked at");
      }
    }
    faces = FaceFolder.open(folder.resolve("f"));
  }

  private VerificationPairs read(String text, Charset charset) throws IOException {
    Path list = Files.writeString(folder.resolve("pairs"), text, charset);
    return VerificationPairs.readLfw(list, faces).found();
  }

  private void readsTheFour(String text, Charset charset) throws IOException {
    VerificationPairs read = read(text, charset);
    assertEquals(java.util.Set.of(), read.missing(), text);
    assertEquals(2, read.folds(), text);
    String[] wanted = {
      "Ann_Lee_0001 Ann_Lee_0002 true 0",
      "Ann_Lee_0001 Bo_0001 false 0",
      "Bo_0001 Bo_0002 true 1",
      "Ann_Lee_0002 Bo_0002 false 1"
    };
    for (int i = 0; i < wanted.length; i++) {
      VerificationPairs.Pair p = read.pairs().get(i);
      assertEquals(
          wanted[i],
          stem(p.first()) + " " + stem(p.second()) + " " + p.same() + " " + p.fold(),
          text);
    }
    assertEquals(4, read.pairs().size());
  }

  private static String stem(String name) {
    return name.substring(name.lastIndexOf('/') + 1, name.lastIndexOf('.'));
  }

  @Test
  void encodingsAndLineEndsMakeNoDifference() throws IOException {
    for (String end : List.of("\n", "\r\n", "\r", "\n\n")) {
      String text = String.join(end, LFW) + end + end;
      readsTheFour(text, StandardCharsets.UTF_8);
      readsTheFour("\ufeff" + text, StandardCharsets.UTF_8);
      readsTheFour("\ufeff" + text, StandardCharsets.UTF_16LE);
      readsTheFour("\ufeff" + text, StandardCharsets.UTF_16BE);
      readsTheFour(text.replace('\t', ' '), StandardCharsets.UTF_8);
      readsTheFour(text.replace('_', ' '), StandardCharsets.UTF_8);
      readsTheFour(text.replace('_', ' ').replace('\t', ' '), StandardCharsets.UTF_8);
      readsTheFour(text.replace("Bo\t1\t2", "Bo\t0001\t02"), StandardCharsets.UTF_8);
    }
  }

  /** Without folds they are divided, each with as many pairs of one person as of two. */
  @Test
  void rowsWithoutFoldsAreRead() throws IOException {
    String[][] rows = {
      {"Ann_Lee/Ann_Lee_0001.jpg", "Ann_Lee/Ann_Lee_0002.jpg", "1", "True"},
      {"Ann_Lee/Ann_Lee_0001.jpg", "Bo/Bo_0001.jpg", "0", "False"},
      {"Bo/Bo_0001.jpg", "Bo/Bo_0002.jpg", "1", "True"},
      {"Ann_Lee/Ann_Lee_0002.jpg", "Bo/Bo_0002.jpg", "0", "False"}
    };
    StringBuilder blanks = new StringBuilder();
    StringBuilder first = new StringBuilder();
    StringBuilder csv = new StringBuilder("index,A,B,is_same\n");
    StringBuilder spaced = new StringBuilder();
    for (String[] row : rows) {
      blanks.append(row[0] + " " + row[1] + " " + row[2] + "\n");
      first.append(row[2] + "\t" + row[0] + "\t" + row[1] + "\n");
      csv.append("0," + row[0] + ",\"" + row[1] + "\"," + row[3] + "\r\n");
      spaced.append((row[0] + " " + row[1] + " ").replace('_', ' ') + row[2] + "\n");
    }
    String kaggle =
        "name,imagenum1,imagenum2,\nAnn_Lee,1,2,\nAnn_Lee,1,Bo,1\nBo,1,2,\nAnn_Lee,2,Bo,2\n";
    for (CharSequence text : List.of(blanks, first, csv, spaced, kaggle)) {
      readsTheFour(text.toString(), StandardCharsets.UTF_8);
    }
    readsTheFour("2\n" + String.join("\n", LFW.subList(1, 4)) + "\n" + LFW.get(4), "devtest");
  }

  /** LFW's development lists have one number and all pairs of one person first. */
  private void readsTheFour(String text, String name) throws IOException {
    List<String> lines = text.lines().toList();
    String sorted =
        String.join("\n", lines.get(0), lines.get(1), lines.get(3), lines.get(2), lines.get(4));
    VerificationPairs read = read(sorted, StandardCharsets.UTF_8);
    assertEquals(2, read.folds(), name);
    assertEquals(
        List.of(0, 1, 0, 1), read.pairs().stream().map(VerificationPairs.Pair::fold).toList());
  }

  @Test
  void whatIsNoPairIsNamed() throws IOException {
    refused("2\t1\nAnn_Lee\t1\n" + "x\n".repeat(3), "pair 1", "name i j");
    refused("a b c d e\nf g\n", "10 300", "pathA pathB 1");
    refused("a.jpg b.jpg 1\nc.jpg d.jpg 0\ne.jpg\n", "not a pair like the first", "e.jpg");
    refused("a.jpg b.jpg 1\nc.jpg d.jpg 1\n", "2 pairs of one person and 0 of two");
    VerificationPairs lost =
        read(String.join("\n", LFW).replace("Bo\t2", "Cy\t2"), StandardCharsets.UTF_8);
    assertEquals(java.util.Set.of("Cy_0002"), lost.missing());
    assertEquals(3, lost.pairs().size());
  }

  private void refused(String text, String... parts) {
    String message =
        assertThrows(FileException.class, () -> read(text, StandardCharsets.UTF_8)).getMessage();
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
  }
}
