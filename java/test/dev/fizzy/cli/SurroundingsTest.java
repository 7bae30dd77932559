package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fizzy.dataset.Pictures;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Locales, temporary folders and memory that a command may find. */
class SurroundingsTest {
  @TempDir Path folder;

  private static int shell(String command) throws IOException, InterruptedException {
    return new ProcessBuilder("sh", "-c", command).start().waitFor();
  }

  /** A long job skips a file whose name the locale cannot express. */
  @Test
  void namesThatAreNoTextInTheLocaleAreSkipped() throws IOException, InterruptedException {
    Path faces = folder.resolve("faces");
    for (String name : new String[] {"a/1.png", "a/2.png", "b/1.png"}) {
      Pictures.png(faces.resolve(name), 8, name.hashCode());
    }
    // \303\251 is é in UTF-8, \351 in Latin-1
    String copy = "cd " + faces + " && for n in a/$(printf '\\303\\251') b/$(printf '\\351'); do";
    assertEquals(0, shell(copy + " cp a/1.png $n.png; done"));
    Cli.Result result =
        Cli.process(
            folder,
            Map.of("LC_ALL", "C"),
            "make",
            "manifest",
            faces,
            "--out",
            folder.resolve("m.parquet"),
            "--json");
    assertEquals(3, result.ok().json().get("images").asInt());
    assertEquals(2, result.json().get("skipped").size(), result.out());
    assertTrue(result.out().contains("its name is not text in this system's encoding"));
  }

  @Test
  void aMissingTemporaryFolderIsNamed() throws IOException, InterruptedException {
    Path none = folder.resolve("none");
    Path faces = folder.resolve("faces");
    Pictures.png(faces.resolve("a/1.png"), 8, 1);
    Path zipped = folder.resolve("x.tar.gz");
    assertEquals(0, shell("tar -C " + faces + " -czf " + zipped + " a"));
    Path copy = folder.resolve("copy");
    Cli.Result result =
        Cli.process(
            folder,
            Map.of("JDK_JAVA_OPTIONS", "-Djava.io.tmpdir=" + none),
            "export",
            zipped,
            "--format",
            "folder",
            "--out",
            copy);
    assertEquals(ErrorHandler.FAILURE, result.code(), result.err());
    assertTrue(result.err().contains("in the temporary folder " + none), result.err());
    assertTrue(result.err().contains("JDK_JAVA_OPTIONS=-Djava.io.tmpdir=DIR"), result.err());
  }

  /** The sentence names the folder; source and target are as before, and nothing is left there. */
  @Test
  void aFullTemporaryFolderIsNamedAndNothingIsLost() throws IOException, InterruptedException {
    assumeTrue(shell("unshare -rm true") == 0, "no mount namespace");
    Path faces = folder.resolve("faces");
    Pictures.png(faces.resolve("a/1.png"), 300, 1); // of noise: 270 KB, packed too
    Path zipped = folder.resolve("x.tar.gz");
    assertEquals(0, shell("tar -C " + faces + " -czf " + zipped + " a"));
    byte[] source = Files.readAllBytes(zipped);
    Path small = Files.createDirectories(folder.resolve("small"));
    Path copy = folder.resolve("copy");
    Path left = folder.resolve("left");
    String export =
        java("-Djava.io.tmpdir=" + small) + " export " + zipped + " --format folder --out " + copy;
    String command =
        String.format(
            "mount -t tmpfs -o size=128k,mode=700 tmpfs %1$s && { %2$s 2> %3$s; code=$?;"
                + " find %1$s -type f > %4$s; exit $code; }",
            small, export, folder.resolve("err"), left);
    Process process = new ProcessBuilder("unshare", "-rm", "sh", "-c", command).start();
    assertEquals(ErrorHandler.FAILURE, process.waitFor());
    String sentence = Files.readString(folder.resolve("err")).strip();
    assertEquals(1, sentence.lines().count(), sentence);
    assertTrue(sentence.contains("in the temporary folder " + small + " ("), sentence);
    assertTrue(sentence.contains("JDK_JAVA_OPTIONS=-Djava.io.tmpdir=DIR"), sentence);
    assertEquals("", Files.readString(left));
    assertArrayEquals(source, Files.readAllBytes(zipped));
    assertFalse(Files.exists(copy));
  }

  private static String java(String... options) {
    return String.join(
        " ",
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        String.join(" ", options),
        "-cp",
        System.getProperty("java.class.path"),
        Fizzy.class.getName());
  }

  @Test
  void aCacheThatLibrariesCannotBeLoadedFromIsNamed() throws IOException, InterruptedException {
    assumeTrue(shell("unshare -rm true") == 0, "no mount namespace");
    Path cache = Files.createDirectories(folder.resolve("cache"));
    Path err = folder.resolve("err");
    String command =
        String.format(
            "mount -t tmpfs -o noexec,mode=700 tmpfs %s && FIZZY_CACHE=%s %s info 2> %s",
            cache, cache, java(), err);
    Process process = new ProcessBuilder("unshare", "-rm", "sh", "-c", command).start();
    assertEquals(ErrorHandler.FAILURE, process.waitFor());
    String sentence = Files.readString(err, StandardCharsets.UTF_8);
    assertTrue(sentence.contains("mounted with noexec); set FIZZY_CACHE"), sentence);
  }

  /** Also where the command is a method, whose errors picocli wraps. */
  @Test
  void tooLittleMemoryIsASentence() {
    StringWriter err = new StringWriter();
    CommandLine line = Fizzy.commandLine().setErr(new PrintWriter(err));
    Throwable full = new OutOfMemoryError("Java heap space");
    for (Throwable thrown :
        List.of(full, new CommandLine.ExecutionException(line, "gaussian", full))) {
      assertEquals(ErrorHandler.FAILURE, ErrorHandler.handle(thrown, line));
    }
    assertEquals(2, err.toString().lines().count(), err.toString());
    assertTrue(err.toString().contains("JDK_JAVA_OPTIONS=-Xmx16g gives it more"), err.toString());
  }
}
