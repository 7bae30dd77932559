package dev.fizzy.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Cast;
import dev.fizzy.engine.op.Sgd;
import dev.fizzy.model.IResNet;
import dev.fizzy.model.IResNetConfig;
import dev.fizzy.model.Recorded;
import dev.fizzy.model.onnx.OnnxExport;
import dev.fizzy.rival.Ours;
import dev.fizzy.rival.TorchRecognizer;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/**
 * Compares the speed of a recognizer's training step (forward, backward, an ArcFace head of a
 * thousand classes, SGD) with libtorch, and of its embeddings with libtorch and ONNX Runtime, by
 * turns in one process, medians. It also prints each first result, to show that losses and
 * embeddings agree.
 */
final class RecognizerComparison {
  private final Device device;
  private final IResNetConfig config;
  private final int batch;
  private final int rounds;
  private final int threads;
  private final Map<String, Double> medians = new LinkedHashMap<>();

  RecognizerComparison(Device device, String config, int batch, int rounds, int threads) {
    this.device = device;
    this.config = IResNetConfig.load(config);
    this.batch = batch;
    this.rounds = rounds;
    this.threads = threads;
  }

  /** Medians in milliseconds by name. */
  Map<String, Double> training() {
    Graph g = Recorded.recognizer(config, batch, DType.F32, true);
    Region[] regions = {Region.VALUES, Region.GRADIENTS, Region.FIRST_MOMENT};
    float[] faces = faces();
    int[] labels = new int[batch];
    for (int i = 0; i < batch; i++) {
      labels[i] = 31 * i % Recorded.CLASSES;
    }
    List<AutoCloseable> open = new ArrayList<>();
    Map<String, DoubleSupplier> runs = new LinkedHashMap<>();
    for (DType type : List.of(DType.F32, DType.BF16)) {
      String suffix = " " + type.name().toLowerCase(Locale.ROOT);
      Parameters parameters = new Parameters(device, g.parameters(), regions);
      open.add(parameters);
      parameters.initialize(1);
      Program program = step(type, parameters, faces, labels);
      open.add(program);
      Tensor loss = program.graph().outputs().get(1);
      for (MemoryFormat format : List.of(MemoryFormat.Contiguous, MemoryFormat.ChannelsLast)) {
        TorchRecognizer torch =
            new TorchRecognizer(config, parameters, type, format, faces, labels);
        open.add(torch);
        runs.put("libtorch " + format + suffix, torch::step);
      }
      runs.put(
          "ours" + suffix,
          () -> {
            program.run();
            return program.read(loss)[0];
          });
    }
    return interleave("training step", runs, open);
  }

  private Program step(DType type, Parameters parameters, float[] faces, int[] labels) {
    Graph g = Recorded.recognizer(config, batch, type, true);
    Sgd.of(g, g.input("settings", DType.F32, Stage.EVALUATION, Sgd.SETTINGS));
    Program program = new Program(g, device, parameters);
    program.write(program.input("x"), faces);
    program.write(program.input("labels"), labels);
    program.write(program.input("rows"), new int[2 * batch]);
    program.write(program.input("random"), new int[4]);
    program.write(program.input("settings"), Sgd.settings(1e-2, .9, 5e-4, 0));
    return program;
  }

  /** Medians in milliseconds by name. */
  Map<String, Double> embedding() throws IOException, OrtException {
    float[] faces = faces();
    List<AutoCloseable> open = new ArrayList<>();
    Map<String, DoubleSupplier> runs = new LinkedHashMap<>();
    Graph g = Recorded.recognizer(config, batch, DType.F32, false);
    Parameters parameters = new Parameters(device, g.parameters(), Region.VALUES);
    open.add(parameters);
    Ours.randomize(parameters, 1); // running statistics like those of a trained network
    for (DType type : List.of(DType.F32, DType.BF16)) {
      String suffix = " " + type.name().toLowerCase(Locale.ROOT);
      Graph folded = Recorded.recognizer(config, batch, type, false);
      Program program = new Program(folded, device, parameters);
      open.add(program);
      program.write(program.input("x"), faces);
      runs.put(
          "ours" + suffix,
          () -> {
            program.run(Stage.EVALUATION);
            return program.read(folded.outputs().get(0))[0];
          });
      for (MemoryFormat format : List.of(MemoryFormat.Contiguous, MemoryFormat.ChannelsLast)) {
        TorchRecognizer torch = new TorchRecognizer(config, parameters, type, format, faces, null);
        open.add(torch);
        runs.put("libtorch " + format + suffix, () -> torch.embed()[0]);
      }
    }
    runs.put("ONNX Runtime f32", onnx(parameters, faces, open));
    return interleave("embeddings", runs, open);
  }

  /** The network without folding: ONNX Runtime folds the batch norms itself. */
  private DoubleSupplier onnx(Parameters parameters, float[] faces, List<AutoCloseable> open)
      throws IOException, OrtException {
    Path file = Files.createTempFile("fizzy-bench", ".onnx");
    int s = config.size();
    OnnxExport.write(
        file,
        config.name(),
        b -> {
          Graph g = new Graph(DType.F32);
          Tensor x = g.input("x", DType.F32, Stage.EVALUATION, b, s, s, 3);
          g.output(new IResNet(g, config, IResNet.Mode.INFERENCE).embed(Cast.of(x, DType.F32)));
          return g;
        },
        p -> parameters.read(Region.VALUES, parameters.slot(p.name())),
        UnaryOperator.identity(),
        Map.of());
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    options.setIntraOpNumThreads(threads);
    OrtSession session = environment.createSession(file.toString(), options);
    Files.delete(file);
    open.add(session);
    float[] planes = new float[faces.length];
    for (int i = 0; i < faces.length; i++) {
      int pixel = i / 3 % (s * s);
      planes[(i / (3 * s * s) * 3 + i % 3) * s * s + pixel] = faces[i];
    }
    long[] shape = {batch, 3, s, s};
    OnnxTensor x = OnnxTensor.createTensor(environment, FloatBuffer.wrap(planes), shape);
    open.add(x);
    return () -> {
      try (OrtSession.Result result = session.run(Map.of("x", x))) {
        return ((float[][]) result.get(0).getValue())[0][0];
      } catch (OrtException e) {
        throw new IllegalStateException(e);
      }
    };
  }

  private float[] faces() {
    SplittableRandom random = new SplittableRandom(3);
    float[] values = new float[batch * config.size() * config.size() * 3];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }

  private Map<String, Double> interleave(
      String what, Map<String, DoubleSupplier> runs, List<AutoCloseable> open) {
    Map<String, List<Double>> times = new LinkedHashMap<>();
    runs.forEach(
        (name, run) ->
            System.err.printf(
                Locale.ROOT, "    %s %s: first result %.6f%n", what, name, run.getAsDouble()));
    for (int round = 0; round < rounds; round++) {
      runs.forEach(
          (name, run) -> {
            long begin = System.nanoTime();
            run.getAsDouble();
            double ms = (System.nanoTime() - begin) / 1e6;
            times.computeIfAbsent(name, k -> new ArrayList<>()).add(ms);
          });
    }
    medians.clear();
    times.forEach(
        (name, all) -> medians.put(name, all.stream().sorted().toList().get(all.size() / 2)));
    medians.forEach(
        (name, ms) ->
            System.err.printf(
                Locale.ROOT,
                "%s %s batch %d, %s: %.1f ms%n",
                config.name(),
                what,
                batch,
                name,
                ms));
    open.forEach(RecognizerComparison::close);
    return new LinkedHashMap<>(medians);
  }

  private static void close(AutoCloseable closeable) {
    try {
      closeable.close();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
