package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fizzy.identity.TinyOnnx;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a process leaves on the machine and tells the network. */
class PrivacyTest {
  private static final long LIMIT_SECONDS = 120;

  @TempDir Path folder;

  /** Runs several commands in one process: the words of one an argument, separated by blanks. */
  static final class Session {
    public static void main(String[] commands) {
      for (String command : commands) {
        int code = Fizzy.run(command.split(" "));
        if (code != 0) {
          System.exit(code);
        }
      }
    }
  }

  private List<String> java(String mainClass, String... options) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx512m", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass));
    return command;
  }

  private Process start(Path home, List<String> command) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("output").toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("XDG_"));
    builder.environment().remove("ORT_DISABLE_TELEMETRY");
    builder.environment().put("HOME", home.toString());
    return builder.start();
  }

  private String finish(Process process, int code) throws IOException, InterruptedException {
    boolean ended = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
    process.destroyForcibly();
    String output = Files.readString(folder.resolve("output"));
    assertTrue(ended, output);
    assertEquals(code, process.exitValue(), output);
    return output;
  }

  private static boolean works(String... command) {
    try {
      return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Opens a file by a channel. */
  static final class Probe {
    public static void main(String[] args) throws IOException {
      java.nio.channels.FileChannel.open(Path.of("/dev/null")).close();
    }
  }

  /** The network calls of a process that finds no network, without those to the system itself. */
  private List<String> network(Path home, List<String> java) throws Exception {
    Path trace = folder.resolve("trace");
    List<String> command = new ArrayList<>(List.of("strace", "-f", "-o", trace.toString()));
    command.addAll(List.of("-e", "trace=socket,connect,sendto,sendmsg"));
    if (works("unshare", "-rn", "true")) {
      command.addAll(List.of("unshare", "-rn"));
    }
    command.addAll(java);
    finish(start(home, command), 0);
    return Files.readAllLines(trace).stream()
        .filter(line -> line.contains("AF_") && !line.contains("AF_UNIX"))
        .map(line -> line.replaceAll("^\\d+ +| += \\d+$", ""))
        .toList();
  }

  private static List<Path> files(Path root) throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      return all.filter(Files::isRegularFile).toList();
    }
  }

  @Test
  void noCommandOpensASocketOrLeavesAnythingInTheHomeFolder() throws Exception {
    assumeTrue(works("strace", "-o", "/dev/null", "true"), "strace cannot trace here");
    Path home = Files.createDirectory(folder.resolve("home"));
    Path faces = TinyModel.faces();
    Path model = TinyModel.model();
    Path onnx = TinyOnnx.flatten(folder.resolve("e.onnx"), 1, 3, 8, 8);
    Path vectors = folder.resolve("vectors.npy");
    List<String> command = java(Session.class.getName());
    command.addAll(
        List.of(
            "embed --faces " + faces + " --embedder " + onnx + " --out " + vectors,
            "contexts uniform --count 2 --out " + folder.resolve("c.npy"),
            "generate --contexts "
                + folder.resolve("c.npy")
                + " --images 2 --steps 2 --model "
                + model
                + " --out "
                + folder.resolve("set"),
            "evaluate separability --data "
                + folder.resolve("set")
                + " --embedder "
                + onnx
                + " --out "
                + folder.resolve("result.json"),
            "train autoencoder --config tiny --steps 1 --batch 2 --faces "
                + faces
                + " --out "
                + folder.resolve("ae"),
            "report " + folder));
    // Java asks for sockets as it loads its own library, to see whether the system has IPv6.
    List<String> javaAlone = network(home, java(Probe.class.getName()));
    assertEquals(javaAlone, network(home, command));
    assertTrue(javaAlone.stream().allMatch(line -> line.startsWith("socket(")), "" + javaAlone);
    assertEquals(
        List.of(),
        files(home).stream().filter(f -> !f.startsWith(home.resolve(".cache/fizzy"))).toList());
  }

  @Test
  void aKilledEmbedLeavesNothingLargeBehind() throws Exception {
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    Path home = Files.createDirectory(folder.resolve("home"));
    // The norm of an image is no operator of the engine, so ONNX Runtime unpacks its libraries.
    Path onnx = TinyOnnx.flattenAndNorm(folder.resolve("e.onnx"), List.of("y", "norm"), 1, 3, 8, 8);
    List<String> command =
        java(Endless.class.getName(), "-Djava.io.tmpdir=" + temporary, "-Duser.home=" + home);
    command.addAll(List.of(TinyModel.faces().toString(), onnx.toString()));
    Process process = start(home, command);
    Path begun = folder.resolve("begun");
    Cli.await(process, folder.resolve("output"), () -> Files.exists(begun));
    process.destroyForcibly().waitFor();
    long left = 0;
    for (Path file : files(temporary)) {
      left += Files.size(file);
    }
    assertTrue(left < 1 << 16, left + " bytes: " + files(temporary));
    try (Stream<Path> unpacked = Files.walk(home)) {
      assertTrue(unpacked.anyMatch(f -> f.endsWith("libonnxruntime.so")), "not unpacked at home");
    }
  }

  /** Embeds once, says so, and waits to be killed. */
  static final class Endless {
    public static void main(String[] args) throws Exception {
      Path out = Path.of(args[1]).resolveSibling("endless.npy");
      Fizzy.run("embed", "--faces", args[0], "--embedder", args[1], "--out", out.toString());
      Files.createFile(out.resolveSibling("begun"));
      Thread.sleep(1_000_000);
    }
  }

  @Test
  void aFolderThatOthersCanFillIsRefused() throws Exception {
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    Path home = folder.resolve("none");
    Files.createFile(home); // a folder cannot be made in it
    Path planted =
        Files.createDirectory(temporary.resolve("fizzy-" + System.getProperty("user.name")));
    Files.setPosixFilePermissions(planted, PosixFilePermissions.fromString("rwxrwxrwx"));
    List<String> command =
        java(Fizzy.class.getName(), "-Djava.io.tmpdir=" + temporary, "-Duser.home=" + home);
    command.add("info");
    String output = finish(start(home, command), 1);
    assertTrue(output.contains(planted + ": other users can write to it"), output);
    assertEquals(1, output.strip().lines().count(), output);
    assertEquals(List.of(), files(temporary));
    Files.setPosixFilePermissions(planted, PosixFilePermissions.fromString("rwx------"));
    finish(start(home, command), 0);
    assertTrue(
        files(planted).stream().anyMatch(f -> f.toString().contains("libdnnl")),
        "unpacked into the private folder: " + String.join(File.pathSeparator, output));
  }
}
