package dev.fizzy.rival;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TorchLoadingTest {
  @TempDir Path folder;

  /** Prints which libraries are loaded. */
  static final class Load {
    public static void main(String[] args) throws Exception {
      Torch.setThreads(1);
      System.out.print(Files.readString(Path.of("/proc/self/maps")));
    }
  }

  @Test
  void theSystemsLibtorchIsNotTaken() throws Exception {
    Path other =
        Files.copy(
            Path.of(System.getProperty("java.home"), "lib", "libzip.so"),
            folder.resolve("libtorch.so"));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.library.path=" + folder,
                "-cp",
                System.getProperty("java.class.path"),
                Load.class.getName())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes());
    assertEquals(0, process.waitFor(), output);
    assertFalse(output.contains(other.toString()), output);
  }
}
