package dev.fizzy.model;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Tensor;
import dev.fizzy.file.FileException;
import dev.fizzy.model.Recorded.Network;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * One network of a model file with PyTorch's conventions: PyTorch's names of inputs and outputs,
 * images [B,C,H,W], one evaluation at a time.
 *
 * <p>U-Net: {@code x} [B,C,S,S], {@code t} [B] in steps, {@code context} [B,W]; encoder: {@code x}
 * images [B,3,S,S] in [-1,1]; decoder: {@code x} latents [B,C,S,S]; recognizer: {@code x} faces
 * [B,3,S,S], RGB in [-1,1]. An autoregressive transformer in place of the U-Net: {@code x} features
 * of the tokens [B,T,F], see {@link CodeTokens}, and {@code context} [B,W]; it gives logits [B
 * T,N]. The output is {@code y}.
 */
public final class ModelNetwork implements AutoCloseable {
  /** The networks that a file can contain. */
  public enum Kind {
    UNET,
    ENCODER,
    DECODER,
    AUTOENCODER,
    RECOGNIZER
  }

  private final Path path;
  private final Kind kind;
  private final AutoCloseable file;
  private final IntFunction<Graph> record;
  private final Consumer<Parameters> fill;
  private final String sha256;

  private ModelNetwork(
      Path path,
      Kind kind,
      AutoCloseable file,
      IntFunction<Graph> record,
      Consumer<Parameters> fill,
      String sha256) {
    this.path = path;
    this.kind = kind;
    this.file = file;
    this.record = record;
    this.fill = fill;
    this.sha256 = sha256;
  }

  /**
   * Opens and verifies a model file or a recognizer file.
   *
   * @param path null for the model that ships
   * @param kind null for the recognizer of a recognizer file or the U-Net of a model file
   */
  public static ModelNetwork open(Path path, Kind kind) {
    boolean recognizer = path != null && RecognizerFile.isRecognizer(path);
    if (kind != null && recognizer != (kind == Kind.RECOGNIZER)) {
      throw new FileException(
          (path == null ? "the default model" : path)
              + (recognizer ? " contains only a recognizer" : " contains no recognizer"));
    }
    if (recognizer) {
      RecognizerFile file = RecognizerFile.open(path);
      return new ModelNetwork(
          path,
          Kind.RECOGNIZER,
          file,
          batch -> Recorded.recognizer(file.config(), batch),
          file::fill,
          file.sha256());
    }
    ModelFile file = DefaultModel.openOr(path);
    Kind wanted = kind == null ? Kind.UNET : kind;
    Network network = Network.valueOf(wanted.name());
    boolean unet = network == Network.UNET;
    if (unet ? file.config().network() == null : file.config().autoencoder() == null) {
      file.close();
      throw new FileException(path + " has no " + (unet ? "U-Net" : "autoencoder"));
    }
    return new ModelNetwork(
        path,
        wanted,
        file,
        batch -> Recorded.graph(file.config(), network, batch, DType.F32, false),
        parameters -> file.fill(parameters, Region.VALUES),
        file.sha256());
  }

  public Kind kind() {
    return kind;
  }

  /** The network's name in lower case, for files and messages. */
  public String name() {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  /** Checksum of the file's weights. */
  public String sha256() {
    return sha256;
  }

  /** The network recorded for a batch size, f32. */
  public Graph graph(int batch) {
    return record.apply(batch);
  }

  /** The file's weights on a device, for a graph from {@link #graph}. */
  public Parameters parameters(Device device, Graph graph) {
    Parameters parameters = new Parameters(device, graph.parameters(), Region.VALUES);
    try {
      fill.accept(parameters);
      return parameters;
    } catch (RuntimeException e) {
      parameters.close();
      throw e;
    }
  }

  /** PyTorch's name of an input: the graph's {@code identity} is {@code context}. */
  public static String outside(String input) {
    return input.equals("identity") ? "context" : input;
  }

  /** An input or output array; [B,C,H,W] for images. */
  public record Array(int[] shape, float[] values) {}

  /** Runs the network once. */
  public Array run(Device device, Map<String, Array> inputs) {
    Array x = inputs.get("x");
    if (x == null || x.shape.length == 0 || x.shape[0] < 1) {
      throw new FileException("the input has no array x with a batch; it has " + inputs.keySet());
    }
    Graph graph = graph(x.shape[0]);
    Map<String, Array> left = new LinkedHashMap<>(inputs);
    Map<Tensor, float[]> written = new LinkedHashMap<>();
    graph
        .inputs()
        .forEach((name, t) -> written.put(t, fit(outside(name), left.remove(outside(name)), t)));
    if (!left.isEmpty()) {
      throw new FileException("the network takes no input " + left.keySet());
    }
    try (Parameters parameters = parameters(device, graph);
        Program program = new Program(graph, device, parameters)) {
      written.forEach(program::write);
      program.run();
      Tensor y = graph.outputs().get(0);
      float[] values = program.read(y);
      return new Array(
          ChannelOrder.shapeFirst(y.shape()),
          y.rank() == 4 ? ChannelOrder.toFirst(values, y.shape()) : values);
    }
  }

  /** The array in the engine's order; a single row is repeated for the whole batch. */
  private static float[] fit(String name, Array given, Tensor t) {
    int[] wanted = ChannelOrder.shapeFirst(t.shape());
    if (given == null) {
      throw new FileException("the input has no array " + name + " of shape " + text(wanted));
    }
    int[] shape = given.shape;
    boolean row = t.rank() < 4 && given.values.length * (long) wanted[0] == t.elements();
    if (!Arrays.equals(shape, wanted) && !row) {
      throw new FileException(
          "input " + name + " has shape " + text(shape) + "; the network takes " + text(wanted));
    }
    if (t.rank() == 4) {
      return ChannelOrder.toLast(given.values, t.shape());
    }
    float[] values = new float[(int) t.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = given.values[i % given.values.length];
    }
    return values;
  }

  private static String text(int[] shape) {
    return Arrays.toString(shape);
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public String toString() {
    return name() + " of " + (path == null ? "the default model" : path);
  }
}
