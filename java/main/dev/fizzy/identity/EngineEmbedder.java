package dev.fizzy.identity;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Workers;
import dev.fizzy.file.FileException;
import dev.fizzy.image.Resampler;
import dev.fizzy.image.Rgb;
import dev.fizzy.model.IResNet;
import dev.fizzy.model.RecognizerFile;
import dev.fizzy.model.embedder.FrozenEmbedder;
import dev.fizzy.model.embedder.Preset;
import dev.fizzy.model.onnx.UnknownOperator;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An embedder that the engine computes: a recognizer trained by Fizzy, or an ONNX network. It runs
 * on workers of its own; callers wait for one, and other threads decode the next faces meanwhile.
 */
final class EngineEmbedder implements Embedder {
  private static final Logger log = LoggerFactory.getLogger(EngineEmbedder.class);

  /** Faces that a GPU takes at a time. */
  private static final int GPU_BATCH = 32;

  /** Measured on two cores: with 32 faces MobileFaceNet's maps leave the caches, 12 % slower. */
  private static final int CPU_BATCH = 8;

  private final Preset preset;
  private final int side;
  private final int width;
  private final Workers<Owned> workers;

  /** A network and, for the first, its parameters. */
  private record Owned(Recognizer network, Parameters parameters)
      implements Workers.Network<Owned> {
    @Override
    public Owned twin() {
      return new Owned(network.twin(), null);
    }

    @Override
    public long activationBytes() {
      return network.activationBytes();
    }

    @Override
    public void close() {
      network.close();
      if (parameters != null) {
        parameters.close();
      }
    }
  }

  static EngineEmbedder recognizer(Path path, List<String> devices, int threads) {
    try (RecognizerFile file = RecognizerFile.open(path)) {
      int size = file.config().size();
      Preset preset = new Preset("fizzy-" + size, size, size, false, 127.5f, 127.5f);
      Recognizer.Recording recording =
          Recognizer.Recording.of(
              size,
              batch(devices),
              DType.F32,
              faces -> new IResNet(faces.graph(), file.config(), IResNet.Mode.FOLDED).embed(faces));
      EngineEmbedder embedder = new EngineEmbedder(preset, recording, file::fill, devices, threads);
      log.info(
          "embedder {}: {}, width {}", path.getFileName(), file.config().name(), embedder.width);
      return embedder;
    }
  }

  /** On the CPU, a network with operators that are unknown to the engine runs by ONNX Runtime. */
  static Embedder onnx(
      Path path, Preset wanted, String feature, List<String> devices, int threads) {
    FrozenEmbedder judge;
    try {
      judge = FrozenEmbedder.open(path, wanted, feature, "embedder");
    } catch (UnknownOperator e) {
      if (!onCpu(devices)) {
        throw new FileException(
            e.getMessage() + "; ONNX Runtime computes it, with --device cpu", e);
      }
      log.info("{}; ONNX Runtime computes the embedder instead", e.getMessage());
      OnnxLibrary.require();
      return OnnxEmbedder.open(path, wanted, feature);
    }
    Preset preset = judge.preset();
    int side = Math.max(preset.width(), preset.height());
    Recognizer.Recording recording =
        Recognizer.Recording.of(side, batch(devices), DType.F32, judge::infer);
    EngineEmbedder embedder = new EngineEmbedder(preset, recording, judge::fill, devices, threads);
    log.info(
        "embedder {}: preset {}, output {}, width {}",
        path.getFileName(),
        preset.name(),
        judge.feature(),
        embedder.width);
    return embedder;
  }

  /** An ONNX network up to its last feature map of a quarter of the input's height. */
  static EngineEmbedder maps(Path path, Preset wanted, List<String> devices, int threads) {
    FrozenEmbedder network = FrozenEmbedder.open(path, wanted, null, "maps");
    Preset preset = network.preset();
    int side = Math.max(preset.width(), preset.height());
    Recognizer.Recording recording =
        Recognizer.Recording.of(side, batch(devices), DType.F32, network::map);
    return new EngineEmbedder(preset, recording, network::fill, devices, threads);
  }

  /**
   * @param fill fills the parameters of the recording
   */
  private EngineEmbedder(
      Preset preset,
      Recognizer.Recording recording,
      Consumer<Parameters> fill,
      List<String> devices,
      int threads) {
    this.preset = preset;
    this.side = Math.max(preset.width(), preset.height());
    this.workers =
        Workers.on(
            devices,
            threads,
            threads,
            device -> {
              Parameters parameters =
                  new Parameters(device, recording.graph().parameters(), Region.VALUES);
              try {
                fill.accept(parameters);
                return new Owned(new Recognizer(device, recording, parameters), parameters);
              } catch (RuntimeException | Error e) {
                parameters.close();
                throw e;
              }
            });
    this.width = workers.first().network.width();
  }

  /** Vectors do not depend on it. */
  private static int batch(List<String> devices) {
    return onCpu(devices) ? CPU_BATCH : GPU_BATCH;
  }

  private static boolean onCpu(List<String> devices) {
    return devices.equals(List.of(Devices.CPU));
  }

  int workers() {
    return workers.count();
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
    return workers.first().network.batch();
  }

  @Override
  public float[][] features(List<Rgb> faces) {
    List<byte[]> pixels =
        faces.stream().map(f -> Resampler.resize(f.square(), side, side).pixels()).toList();
    float[][] out = new float[pixels.size()][];
    int batches = (out.length + batch() - 1) / batch();
    Workers.join(
        IntStream.range(0, batches)
            .mapToObj(number -> workers.submit(owned -> embed(owned.network, pixels, number, out)))
            .toList());
    return out;
  }

  private void embed(Recognizer network, List<byte[]> faces, int number, float[][] out) {
    int from = number * batch();
    int to = Math.min(out.length, from + batch());
    float[][] vectors = network.embed(faces.subList(from, to));
    System.arraycopy(vectors, 0, out, from, vectors.length);
  }

  @Override
  public void close() {
    workers.close();
  }
}
