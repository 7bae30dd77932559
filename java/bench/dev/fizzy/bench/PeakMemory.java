package dev.fizzy.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.cpu.CpuDevice;
import dev.fizzy.rival.Ours;
import dev.fizzy.rival.Ours.Work;
import dev.fizzy.rival.Torch;
import dev.fizzy.rival.TorchAdam;
import dev.fizzy.rival.TorchTwin;
import dev.fizzy.rival.TorchWeights.Memory;
import dev.fizzy.rival.Twin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/**
 * The peak resident memory of training steps of the published U-Net at batch 8, each engine in its
 * own process: VmHWM, reset after the weights are loaded.
 */
public final class PeakMemory {
  private static final String GLIBC = "glibc";

  private PeakMemory() {}

  /**
   * Gigabytes available to a case before it starts: the system's available memory and what the
   * allocator kept of earlier cases.
   */
  static double available() throws IOException {
    double kept = field(Path.of("/proc/self/status"), "RssAnon");
    return (field(Path.of("/proc/meminfo"), "MemAvailable") + kept) / 1e6;
  }

  private static double field(Path file, String name) throws IOException {
    return Files.readAllLines(file).stream()
        .filter(line -> line.startsWith(name + ":"))
        .map(line -> line.replaceAll("[^0-9]", ""))
        .mapToDouble(Double::parseDouble)
        .findFirst()
        .orElseThrow();
  }

  /** Each rival with this process's allocator and, if that is not glibc's, also with glibc's. */
  static void compare(ObjectNode root) throws IOException, InterruptedException {
    String own = Allocator.name();
    List<String> allocators = own.equals(GLIBC) ? List.of(GLIBC) : List.of(own, GLIBC);
    for (String type : List.of("f32", "bf16")) {
      for (String engine : List.of("ours", "libtorch", "libtorch-without-average")) {
        for (String allocator : engine.equals("ours") ? List.of(own) : allocators) {
          String out = measure(engine, type, allocator.equals(GLIBC));
          String name = engine + ", " + allocator;
          System.err.printf("training step, batch 8, %s, %s: %s GB%n", type, name, out);
          root.withObject("/peakGigabytes/" + type).put(name, Double.parseDouble(out));
        }
      }
    }
  }

  private static String measure(String engine, String type, boolean glibc)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx600m",
            "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0", // no limit by JavaCPP
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            PeakMemory.class.getName(),
            engine,
            type);
    if (glibc) {
      builder.environment().remove(Allocator.PRELOAD);
    }
    Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String out = new String(process.getInputStream().readAllBytes()).strip();
    if (process.waitFor() != 0) {
      throw new IOException(engine + " " + type + " ended with " + process.exitValue());
    }
    return out;
  }

  /** {@code ours|libtorch|libtorch-without-average f32|bf16}. */
  public static void main(String[] args) throws IOException {
    DType type = DType.valueOf(args[1].toUpperCase(Locale.ROOT));
    Twin twin = Twin.unet("idiff-face", 8, 8);
    List<float[]> inputs = Comparison.inputs(twin, Work.STEP);
    try (Device device = new CpuDevice()) {
      if (args[0].equals("ours")) {
        Parameters parameters = Ours.parameters(twin, device, 1, Region.values());
        Ours ours = Ours.of(twin, type, Work.STEP, parameters);
        inputs = new ArrayList<>(inputs);
        inputs.add(Comparison.ADAM);
        ours.write(inputs);
        measure(ours.program()::run);
      } else {
        Torch.setThreads(2);
        Parameters parameters = Ours.parameters(twin, device, 1, Region.VALUES);
        TorchTwin torch =
            new TorchTwin(twin, parameters, type, MemoryFormat.ChannelsLast, true, Memory.OWN);
        parameters.close();
        torch.write(inputs, Ours.outputShape(twin));
        TorchAdam adam = new TorchAdam(torch, args[0].equals("libtorch"));
        measure(
            () -> {
              torch.backward(false);
              adam.step();
            });
      }
    }
  }

  private static void measure(Runnable step) throws IOException {
    System.gc();
    Files.writeString(Path.of("/proc/self/clear_refs"), "5");
    for (int i = 0; i < 3; i++) {
      step.run();
    }
    System.out.printf(
        Locale.ROOT, "%.2f%n", field(Path.of("/proc/self/status"), "VmHWM") * 1024 / 1e9);
  }
}
