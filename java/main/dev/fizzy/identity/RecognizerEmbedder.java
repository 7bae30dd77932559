package dev.fizzy.identity;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.image.Resampler;
import dev.fizzy.image.Rgb;
import dev.fizzy.model.RecognizerFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A recognizer trained by Fizzy. Its network runs on a separate thread with all processors; callers
 * wait for that thread, and other threads decode the next faces meanwhile.
 */
final class RecognizerEmbedder implements Embedder {
  private static final Logger log = LoggerFactory.getLogger(RecognizerEmbedder.class);
  private static final int BATCH = 32;

  private final Preset preset;
  private final ExecutorService runner =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "recognizer");
            thread.setDaemon(true);
            return thread;
          });
  private Device device;
  private Parameters parameters;
  private Recognizer network;
  private int width;

  static RecognizerEmbedder open(Path path, int threads) {
    try (RecognizerFile file = RecognizerFile.open(path)) {
      return new RecognizerEmbedder(path, file, threads);
    }
  }

  private RecognizerEmbedder(Path path, RecognizerFile file, int threads) {
    int size = file.config().size();
    preset = new Preset("fizzy-" + size, size, size, false, 127.5f, 127.5f);
    boolean done = false;
    try {
      run(
          () -> {
            device = Devices.open("cpu", threads);
            parameters =
                new Parameters(device, Recognizer.parameters(file.config()), Region.VALUES);
            file.fill(parameters);
            network = new Recognizer(device, file.config(), parameters, BATCH, DType.F32);
            width = network.width();
            return null;
          });
      done = true;
    } finally {
      if (!done) {
        close();
      }
    }
    log.info("embedder {}: {}, width {}", path.getFileName(), file.config().name(), width);
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
    return BATCH;
  }

  @Override
  public float[][] features(List<Rgb> faces) {
    int size = preset.width();
    List<byte[]> pixels =
        faces.stream().map(f -> Resampler.resize(f.square(), size, size).pixels()).toList();
    float[][] out = new float[pixels.size()][];
    for (int from = 0; from < out.length; from += BATCH) {
      int to = Math.min(out.length, from + BATCH);
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
