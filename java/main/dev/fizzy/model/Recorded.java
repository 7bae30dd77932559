package dev.fizzy.model;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Cast;
import dev.fizzy.engine.op.Loss;

/**
 * Records one network of a configuration as a graph, for plans, profiles, comparisons and parameter
 * lists.
 */
public final class Recorded {
  /** The networks of a model. */
  public enum Network {
    UNET,
    ENCODER,
    DECODER,
    AUTOENCODER,
    RECOGNIZER
  }

  /** Number of classes of the head that a recognizer is recorded with. */
  public static final int CLASSES = 1000;

  private Recorded() {}

  /**
   * Records a network on inputs named {@code x}, {@code t}, {@code identity} and, if it takes the
   * weight, {@code guidance} ({@link UNet#guidanceInput}), all f32; its output is the graph's
   * first.
   *
   * @param training adds a mean squared error against the input {@code target} and its gradients
   */
  public static Graph graph(
      ModelConfig config, Network network, int batch, DType type, boolean training) {
    if (network == Network.RECOGNIZER) {
      throw new EngineException("a recognizer is not part of the model " + config.name());
    }
    Graph g = new Graph(type);
    Tensor y =
        network == Network.UNET
            ? network(g, config, batch)
            : autoencoder(g, config.autoencoder(), network, batch);
    g.output(y);
    if (training) {
      Tensor target = g.input("target", DType.F32, Stage.EVALUATION, y.shape());
      g.backward(g.output(Loss.mse(y, target)));
    }
    return g;
  }

  /**
   * Records a recognizer on an input named {@code x}, f32; its embeddings are the graph's first
   * output.
   *
   * @param training records it in training mode, on inputs {@code labels}, {@code rows} and {@code
   *     random}, with an ArcFace head of {@value #CLASSES} classes, the loss as second output, and
   *     its gradients; otherwise batch norms are folded
   */
  public static Graph recognizer(IResNetConfig config, int batch, DType type, boolean training) {
    Graph g = new Graph(type);
    int s = config.size();
    Tensor x = Cast.of(g.input("x", DType.F32, Stage.EVALUATION, batch, s, s, 3), type);
    if (!training) {
      g.output(new IResNet(g, config, IResNet.Mode.FOLDED).embed(x));
      return g;
    }
    Tensor labels = g.input("labels", DType.I32, Stage.EVALUATION, batch);
    Tensor rows = g.input("rows", DType.I32, Stage.EVALUATION, batch, 2);
    Tensor random = g.input("random", DType.I32, Stage.EVALUATION, 4);
    Tensor y = g.output(new IResNet(g, config, IResNet.Mode.TRAINING).embed(x, rows, random));
    MarginConfig margin = MarginConfig.published(MarginConfig.Kind.ARCFACE);
    g.backward(g.output(new MarginHead(g, margin, CLASSES).loss(y, labels, rows, random).loss()));
    return g;
  }

  /**
   * Records a recognizer for inference on the input {@code x}, f32 faces; its output is the graph's
   * first.
   */
  public static Graph recognizer(IResNetConfig config, int batch) {
    Graph g = new Graph(DType.F32);
    int s = config.size();
    Tensor x = g.input("x", DType.F32, Stage.EVALUATION, batch, s, s, 3);
    g.output(new IResNet(g, config, IResNet.Mode.INFERENCE).embed(x));
    return g;
  }

  private static Tensor network(Graph g, ModelConfig config, int batch) {
    return config.autoregressive() == null
        ? unet(g, config.denoiser(), batch)
        : autoregressive(g, config.autoregressive(), batch);
  }

  private static Tensor autoregressive(Graph g, AutoregressiveConfig config, int batch) {
    AutoregressiveTransformer network = new AutoregressiveTransformer(g, config);
    Tensor x = g.input("x", DType.F32, Stage.EVALUATION, batch, config.tokens(), config.features());
    Tensor context = null;
    if (config.conditional()) {
      Tensor identity =
          g.input("identity", DType.F32, Stage.IDENTITY, batch, config.contextWidth());
      context = network.embedContext(Cast.of(identity, g.compute()));
      network.emptyContext();
    }
    return network.logits(Cast.of(x, g.compute()), context);
  }

  private static Tensor unet(Graph g, DenoiserConfig config, int batch) {
    int s = config.size();
    Tensor x = g.input("x", DType.F32, Stage.EVALUATION, batch, s, s, config.latentChannels());
    Tensor t = g.input("t", DType.F32, Stage.STEP, batch);
    Denoiser unet = config.record(g);
    Tensor context = null;
    if (unet.conditional()) {
      Tensor identity =
          g.input("identity", DType.F32, Stage.IDENTITY, batch, config.contextWidth());
      context = unet.embedContext(Cast.of(identity, g.compute()));
      unet.emptyContext();
    }
    Tensor guidance =
        unet.guided() ? g.input(UNetConfig.GUIDANCE, DType.F32, Stage.STEP, batch) : null;
    return unet.predict(Cast.of(x, g.compute()), t, guidance, context);
  }

  private static Tensor autoencoder(
      Graph g, VqAutoencoderConfig config, Network network, int batch) {
    VqAutoencoder autoencoder = new VqAutoencoder(g, config);
    if (network == Network.DECODER) {
      int s = config.latentSize();
      Tensor z = g.input("x", DType.F32, Stage.EVALUATION, batch, s, s, config.zChannels());
      return autoencoder.decode(autoencoder.quantize(Cast.of(z, g.compute())).quantized());
    }
    int s = config.imageSize();
    Tensor x = g.input("x", DType.F32, Stage.EVALUATION, batch, s, s, 3);
    Tensor z = autoencoder.encode(Cast.of(x, g.compute()));
    return network == Network.ENCODER ? z : autoencoder.decode(autoencoder.quantize(z).quantized());
  }
}
