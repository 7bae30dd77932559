package dev.fizzy.engine.cuda;

import static org.bytedeco.cuda.global.cudart.cudaStreamCreateWithFlags;
import static org.bytedeco.cuda.global.cudart.cudaStreamDestroy;
import static org.bytedeco.cuda.global.cudart.cudaStreamNonBlocking;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.cuda.Cudnn.Direction;
import dev.fizzy.engine.cuda.StandIn.Counter;
import dev.fizzy.engine.cuda.StandIn.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Of the candidates that cuDNN and cuBLASLt name, the fastest that is allowed and runs is chosen,
 * once.
 */
@StandIn
class CudaChoicesTest {
  /** The number of the stand-in's one engine that may be chosen. */
  private static final String PLAIN = " 20";

  @TempDir Path folder;

  private final Device device = Devices.open("cuda", 1);
  private final CUstream_st stream = new CUstream_st();
  private long violations;

  @BeforeEach
  void begin() {
    Cuda.check(cudaStreamCreateWithFlags(stream, cudaStreamNonBlocking), "a stream");
    violations = Counter.VIOLATIONS.value();
  }

  @AfterEach
  void end() {
    Setting.restore();
    cudaStreamDestroy(stream);
    device.close();
    assertEquals(violations, Counter.VIOLATIONS.value());
    assertEquals(0, Counter.LIVING.value(), "descriptors are freed");
  }

  private static Cudnn.Shape shape(Direction direction, DType type, boolean epilogue) {
    return new Cudnn.Shape(
        direction, type, type, 2, 6, 6, 3, 8, 3, 1, 1, 1, 1, 1, epilogue, epilogue, false);
  }

  /** The name of the plan that is chosen, and the launches that this takes. */
  private record Chosen(String name, long launches) {}

  private Chosen convolution(Choices choices, Cudnn.Shape shape) {
    long launches = Counter.LAUNCHES.value();
    try (Cudnn cudnn = new Cudnn(stream, "GPU", choices)) {
      assertTrue(cudnn.require(shape).workspaceBytes() > 0);
      String kept = choices.find("GPU, cuDNN " + cudnn.version() + ", " + shape);
      return new Chosen(
          kept.lines().findFirst().orElseThrow(), Counter.LAUNCHES.value() - launches);
    }
  }

  /** f32 is f32: no engine on tensor cores, which would be TF32, and none with a transform. */
  @ParameterizedTest
  @EnumSource(Direction.class)
  void f32TakesExactEngines(Direction direction) {
    String name = convolution(new Choices(null), shape(direction, DType.F32, false)).name;
    assertTrue(name.endsWith(PLAIN), name);
  }

  @Test
  void f32IsNotFusedOnTensorCores() {
    try (Cudnn cudnn = new Cudnn(stream, "GPU", new Choices(null))) {
      assertEquals(null, cudnn.plan(shape(Direction.FORWARD, DType.F32, true)));
      assertTrue(cudnn.plan(shape(Direction.FORWARD, DType.BF16, true)) != null);
    }
  }

  /** Plans that cannot be made, fail when they run, or are slow, are passed over. */
  @ParameterizedTest
  @EnumSource(names = {"F32", "BF16"})
  void theFastestPlanThatRuns(DType type) {
    Setting.CANDIDATES.set(true);
    String name = convolution(new Choices(null), shape(Direction.FORWARD, type, false)).name;
    assertTrue(name.endsWith(PLAIN), name);
  }

  /** A plan that cuDNN writes down is read; another is found by its place and its engine. */
  @ParameterizedTest
  @EnumSource(names = {"FORWARD", "WEIGHTS"})
  void aPlanIsChosenOnce(Direction direction) throws IOException {
    Cudnn.Shape shape = shape(direction, DType.BF16, false);
    Chosen first = convolution(new Choices(folder), shape);
    assertNotEquals(0, first.launches);
    assertEquals(new Chosen(first.name, 0), convolution(new Choices(folder), shape));
    Setting.CANDIDATES.set(true); // other heuristics: the place now has another engine
    boolean written = direction == Direction.FORWARD;
    assertEquals(written, convolution(new Choices(folder), shape).launches == 0);
    Setting.CANDIDATES.set(false);
    Files.writeString(only(), "damaged");
    assertNotEquals(0, convolution(new Choices(folder), shape).launches);
  }

  private Path only() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> all = files.toList();
      assertEquals(1, all.size(), "one file a choice: " + all);
      return all.get(0);
    }
  }

  private long product(Choices choices) {
    long launches = Counter.LAUNCHES.value();
    try (CublasLt cublas = new CublasLt(stream, "GPU", choices)) {
      CublasLt.Shape shape =
          new CublasLt.Shape(
              DType.BF16, DType.BF16, 1, 8, 4, 16, true, false, CublasLt.Epilogue.BIAS, true, 1);
      assertEquals(4096, cublas.prepare(shape).workspaceBytes());
      return Counter.LAUNCHES.value() - launches;
    }
  }

  /** The stand-in's first results are not in the state of success, or add in the output's type. */
  @Test
  void anAlgorithmIsChosenOnce() throws IOException {
    Setting.CANDIDATES.set(true);
    assertNotEquals(0, product(new Choices(folder)));
    assertEquals(0, product(new Choices(folder)));
    Files.writeString(only(), Files.readString(only()).replaceFirst("f122", "0"));
    assertNotEquals(0, product(new Choices(folder)));
  }
}
