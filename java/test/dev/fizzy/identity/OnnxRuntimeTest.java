package dev.fizzy.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class OnnxRuntimeTest {
  /** What the other process runs. */
  static final class Start {
    public static void main(String[] args) {
      System.out.println(OnnxRuntime.version());
    }
  }

  @Test
  void startsUnderALongCommandLine() throws IOException, InterruptedException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Process process =
        new ProcessBuilder(
                java,
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                Start.class.getName(),
                "x".repeat(20_000))
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes());
    assertEquals(0, process.waitFor(), output);
  }
}
