package dev.fizzy.model.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameter.Piece;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.cpu.CpuDevice;
import dev.fizzy.engine.op.Duplicate;
import dev.fizzy.file.FileException;
import dev.fizzy.identity.OnnxRuntime;
import dev.fizzy.model.AutoregressiveConfig;
import dev.fizzy.model.ChannelOrder;
import dev.fizzy.model.DiffusionTransformerConfig;
import dev.fizzy.model.IResNetConfig;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.Recorded;
import dev.fizzy.model.Recorded.Network;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What ONNX Runtime computes of the files we write is what we compute, at any batch size. */
class OnnxExportTest {
  private static final double ERROR = 2e-5;

  @TempDir Path folder;

  /** A network by name, and how it is recorded at a batch size. */
  private record Case(String name, Function<Integer, Graph> record) {
    static Case of(ModelConfig config, Network network, String name) {
      return new Case(name, batch -> Recorded.graph(config, network, batch, DType.F32, false));
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static ModelConfig drawing(AutoregressiveConfig codes) {
    return new ModelConfig("tiny", null, null, null, codes, null, null);
  }

  static Stream<Case> networks() {
    ModelConfig tiny = ModelConfig.load("tiny");
    String json = tiny.toJson();
    ModelConfig adaptive =
        ModelConfig.parse(json.replace("CROSS_ATTENTION", "ADAPTIVE_GROUP_NORM"));
    ModelConfig plain = ModelConfig.parse(json.replace("CROSS_ATTENTION", "NONE"));
    ModelConfig patched =
        ModelConfig.parse(
            json.replace("\"latent_channels\":3", "\"latent_channels\":3,\"patch\":2"));
    ModelConfig dit =
        tiny.with(new DiffusionTransformerConfig(true, 8, 3, 2, 16, 8, 2, 32, false, true));
    AutoregressiveConfig codes = new AutoregressiveConfig(true, 8, 3, 32, 16, 8, 2, 24, 0, .1);
    return Stream.of(
        Case.of(dit, Network.UNET, "diffusion transformer"),
        Case.of(drawing(codes), Network.UNET, "autoregressive"),
        Case.of(drawing(codes.unconditional()), Network.UNET, "codes of nobody"),
        new Case(
            "recognizer",
            batch ->
                Recorded.recognizer(
                    new IResNetConfig("small", List.of(1, 2, 1, 1), 4, 16, 32, 0.4), batch)),
        Case.of(tiny, Network.UNET, "cross-attention"),
        Case.of(adaptive, Network.UNET, "adaptive"),
        Case.of(plain, Network.UNET, "unconditional"),
        Case.of(patched, Network.UNET, "patches"),
        Case.of(tiny, Network.ENCODER, "encoder"),
        Case.of(tiny, Network.DECODER, "decoder"),
        Case.of(tiny, Network.AUTOENCODER, "autoencoder"));
  }

  /** No weight is zero, also those that training begins at zero. */
  private static void randomize(Parameters parameters) {
    SplittableRandom random = new SplittableRandom(3);
    for (Parameters.Slot slot : parameters.slots()) {
      float[] values = new float[(int) slot.parameter().elements()];
      Piece first = slot.parameter().pieces().get(0);
      double fan = Math.max(1, first.elements() / first.shape()[0]);
      boolean scale = first.name().contains("norm") && first.name().endsWith("weight");
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (random.nextDouble(-1, 1) / Math.sqrt(fan) + (scale ? 1 : 0));
        values[i] = first.name().endsWith("running_var") ? 1 + Math.abs(values[i]) : values[i];
      }
      parameters.write(Region.VALUES, slot, values);
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void agreesWithOnnxRuntime(Case network) throws OrtException {
    Path file = folder.resolve("network.onnx");
    try (Device device = new CpuDevice();
        Parameters parameters =
            new Parameters(device, network.record.apply(1).parameters(), Region.VALUES)) {
      randomize(parameters);
      OnnxExport.write(
          file,
          "network",
          network.record,
          p -> parameters.read(Region.VALUES, parameters.slot(p.name())),
          UnaryOperator.identity(),
          Map.of("note", "kept"));
      OnnxRuntime.version(); // starts the one environment there is
      try (OrtSession session = OrtEnvironment.getEnvironment().createSession(file.toString())) {
        assertEquals("kept", session.getMetadata().getCustomMetadataValue("note").orElseThrow());
        for (int batch : new int[] {1, 3}) {
          compare(network.record.apply(batch), device, parameters, session);
        }
      }
    }
  }

  private static void compare(Graph graph, Device device, Parameters parameters, OrtSession session)
      throws OrtException {
    SplittableRandom random = new SplittableRandom(5);
    Map<String, OnnxTensor> theirs = new LinkedHashMap<>();
    try (Program program = new Program(graph, device, parameters)) {
      for (var input : graph.inputs().entrySet()) {
        Tensor t = input.getValue();
        float[] values = new float[(int) t.elements()];
        for (int i = 0; i < values.length; i++) {
          values[i] = t.rank() == 1 ? 20 * i + 5 : (float) random.nextDouble(-1, 1);
        }
        program.write(t, values);
        float[] first = t.rank() == 4 ? ChannelOrder.toFirst(values, t.shape()) : values;
        long[] shape = Arrays.stream(ChannelOrder.shapeFirst(t.shape())).asLongStream().toArray();
        theirs.put(
            input.getKey(),
            OnnxTensor.createTensor(
                OrtEnvironment.getEnvironment(), FloatBuffer.wrap(first), shape));
      }
      program.run();
      Tensor y = graph.outputs().get(0);
      float[] ours = program.read(y);
      if (y.rank() == 4) {
        ours = ChannelOrder.toFirst(ours, y.shape());
      }
      try (OrtSession.Result result = session.run(theirs)) {
        OnnxTensor output = (OnnxTensor) result.get(0);
        assertArrayEquals(
            Arrays.stream(ChannelOrder.shapeFirst(y.shape())).asLongStream().toArray(),
            output.getInfo().getShape());
        float[] other = new float[ours.length];
        output.getFloatBuffer().get(other);
        double worst = 0;
        double largest = 0;
        for (int i = 0; i < ours.length; i++) {
          worst = Math.max(worst, Math.abs(ours[i] - other[i]));
          largest = Math.max(largest, Math.abs(ours[i]));
        }
        assertTrue(largest > 1e-3, "an output of zeros proves nothing");
        assertTrue(worst <= ERROR * largest, "differs by " + worst + " of " + largest);
      }
    }
  }

  @Test
  void refusesWhatItCannotWrite() {
    Function<Integer, Graph> twice =
        batch -> {
          Graph g = new Graph(DType.F32);
          g.output(Duplicate.of(g.input("x", DType.F32, Stage.EVALUATION, batch, 4)));
          return g;
        };
    Path file = folder.resolve("twice.onnx");
    EngineException e =
        assertThrows(
            EngineException.class,
            () ->
                OnnxExport.write(
                    file, "twice", twice, p -> null, UnaryOperator.identity(), Map.of()));
    assertTrue(e.getMessage().contains("duplicate is not written"), e.getMessage());
    OnnxModel large = new OnnxModel();
    large.floats("w", new long[] {1 << 15, 1 << 15}, () -> null);
    FileException f = assertThrows(FileException.class, () -> large.write(file, "large", Map.of()));
    assertTrue(f.getMessage().contains("ends at 2147483647"), f.getMessage());
    assertTrue(Files.notExists(file));
  }
}
