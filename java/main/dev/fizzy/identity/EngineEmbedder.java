package dev.fizzy.identity;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.file.FileException;
import dev.fizzy.image.Resampler;
import dev.fizzy.image.Rgb;
import dev.fizzy.model.IResNet;
import dev.fizzy.model.RecognizerFile;
import dev.fizzy.model.embedder.FrozenEmbedder;
import dev.fizzy.model.embedder.Preset;
import dev.fizzy.model.onnx.UnknownOperator;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An embedder that the engine computes: a recognizer trained by Fizzy, or an ONNX network. It runs
 * on a separate thread; callers wait for that thread, and other threads decode the next faces
 * meanwhile.
 */
final class EngineEmbedder implements Embedder {
  private static final Logger log = LoggerFactory.getLogger(EngineEmbedder.class);
  private static final int LARGEST_BATCH = 32;

  /** Measured on two cores: with 32 faces MobileFaceNet's maps leave the caches, 12 % slower. */
  private static final int LEAST_BATCH = 8;

  private final Preset preset;
  private final int side;
  private final ExecutorService runner =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "embedder");
            thread.setDaemon(true);
            return thread;
          });
  private Device device;
  private Parameters parameters;
  private Recognizer network;
  private int width;

  static EngineEmbedder recognizer(Path path, String device, int threads) {
    try (RecognizerFile file = RecognizerFile.open(path)) {
      int size = file.config().size();
      Preset preset = new Preset("fizzy-" + size, size, size, false, 127.5f, 127.5f);
      Recognizer.Recording recording =
          Recognizer.Recording.of(
              size,
              batch(device, threads),
              DType.F32,
              faces -> new IResNet(faces.graph(), file.config(), IResNet.Mode.FOLDED).embed(faces));
      EngineEmbedder embedder = new EngineEmbedder(preset, recording, file::fill, device, threads);
      log.info(
          "embedder {}: {}, width {}", path.getFileName(), file.config().name(), embedder.width);
      return embedder;
    }
  }

  /** On the CPU, a network with operators that are unknown to the engine runs by ONNX Runtime. */
  static Embedder onnx(Path path, Preset wanted, String feature, String device, int threads) {
    FrozenEmbedder judge;
    try {
      judge = FrozenEmbedder.open(path, wanted, feature, "embedder");
    } catch (UnknownOperator e) {
      if (!device.equals("cpu")) {
        throw new FileException(
            e.getMessage() + "; ONNX Runtime computes it, with --device cpu", e);
      }
      log.info("{}; ONNX Runtime computes the embedder instead", e.getMessage());
      return OnnxEmbedder.open(path, wanted, feature);
    }
    Preset preset = judge.preset();
    int side = Math.max(preset.width(), preset.height());
    Recognizer.Recording recording =
        Recognizer.Recording.of(side, batch(device, threads), DType.F32, judge::infer);
    EngineEmbedder embedder = new EngineEmbedder(preset, recording, judge::fill, device, threads);
    log.info(
        "embedder {}: preset {}, output {}, width {}",
        path.getFileName(),
        preset.name(),
        judge.feature(),
        embedder.width);
    return embedder;
  }

  /**
   * @param fill fills the parameters of the recording
   */
  private EngineEmbedder(
      Preset preset,
      Recognizer.Recording recording,
      Consumer<Parameters> fill,
      String name,
      int threads) {
    this.preset = preset;
    this.side = Math.max(preset.width(), preset.height());
    boolean done = false;
    try {
      run(
          () -> {
            device = Devices.open(name, threads);
            parameters = new Parameters(device, recording.graph().parameters(), Region.VALUES);
            fill.accept(parameters);
            network = new Recognizer(device, recording, parameters);
            width = network.width();
            return null;
          });
      done = true;
    } finally {
      if (!done) {
        close();
      }
    }
  }

  /** Faces at a time: on the CPU as few as keep every thread busy. Vectors do not depend on it. */
  private static int batch(String device, int threads) {
    boolean cpu = device.equals("cpu");
    return cpu ? Math.max(LEAST_BATCH, Math.min(LARGEST_BATCH, threads)) : LARGEST_BATCH;
  }

  /** The device that computes, with its threads. */
  String device() {
    return run(device::description);
  }

  private <T> T run(Callable<T> task) {
    try {
      return runner.submit(task).get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      if (e.getCause() instanceof Error failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  @Override
  public Preset preset() {
    return preset;
  }

  @Override
  public int width() {
    return width;
  }

  @Override
  public int batch() {
    return network.batch();
  }

  @Override
  public float[][] features(List<Rgb> faces) {
    List<byte[]> pixels =
        faces.stream().map(f -> Resampler.resize(f.square(), side, side).pixels()).toList();
    float[][] out = new float[pixels.size()][];
    for (int from = 0; from < out.length; from += batch()) {
      int to = Math.min(out.length, from + batch());
      List<byte[]> batch = new ArrayList<>(pixels.subList(from, to));
      float[][] vectors = run(() -> network.embed(batch));
      System.arraycopy(vectors, 0, out, from, vectors.length);
    }
    return out;
  }

  @Override
  public void close() {
    run(
        () -> {
          for (AutoCloseable open : new AutoCloseable[] {network, parameters, device}) {
            if (open != null) {
              open.close();
            }
          }
          return null;
        });
    runner.shutdown();
  }
}
