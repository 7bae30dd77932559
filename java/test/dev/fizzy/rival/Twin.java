package dev.fizzy.rival;

import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Activation;
import dev.fizzy.model.IResNet;
import dev.fizzy.model.IResNetConfig;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.UNet;
import dev.fizzy.model.UNetConfig;
import dev.fizzy.model.UNetConfig.Conditioning;
import dev.fizzy.model.VqAutoencoder;
import dev.fizzy.model.VqAutoencoderConfig;
import dev.fizzy.nn.Layer;
import java.util.List;

/**
 * The same network twice: recorded on our engine, and called on libtorch. B is the batch.
 *
 * @param inputs in the order both take them
 */
public record Twin(String name, List<Input> inputs, Ours ours, Theirs theirs) {
  /**
   * What a network reads. Rank 1 is a time and stays f32; all else is cast to the network's type.
   *
   * @param shape ours; rank 4 is a picture
   */
  public record Input(String name, Stage stage, int... shape) {
    boolean differentiable() {
      return shape.length > 1;
    }
  }

  /** Records the network and returns its output. */
  public interface Ours {
    Tensor record(Graph graph, List<Tensor> inputs);
  }

  /** Runs the network and returns its output. */
  public interface Theirs {
    org.bytedeco.pytorch.Tensor run(TorchLayers net, List<org.bytedeco.pytorch.Tensor> inputs);
  }

  @Override
  public String toString() {
    return name;
  }

  private static Input picture(int b, int size, int channels) {
    return new Input("x", Stage.EVALUATION, b, size, size, channels);
  }

  private static UNetConfig block(Conditioning conditioning, int base) {
    List<Integer> multipliers = List.of(1);
    List<Boolean> attention = List.of(true);
    return new UNetConfig(
        conditioning, 32, 3, 1, base, multipliers, attention, 32, 1, 512, 256, 32, false, 32);
  }

  /** Group norm with SiLU, alone. */
  public static Twin groupNorm(int b, int channels, int size) {
    return new Twin(
        "group norm + SiLU [" + b + "," + channels + "," + size + "]",
        List.of(picture(b, size, channels)),
        (g, x) -> new Layer(g, "norm").groupNorm(x.get(0), 32, 1e-5, true),
        (net, x) -> net.silu(net.norm("norm", x.get(0), 32, 1e-5)));
  }

  /** A residual block of the U-Net from {@code in} to {@code out} channels. */
  public static Twin residual(Conditioning conditioning, int b, int in, int out, int size) {
    UNetConfig config = block(conditioning, out);
    List<Input> inputs =
        List.of(
            picture(b, size, in),
            new Input("time", Stage.STEP, b, 4 * out),
            new Input("context", Stage.IDENTITY, b, 256));
    return new Twin(
        "residual block [" + b + "," + in + "->" + out + "," + size + "] " + conditioning,
        inputs,
        (g, x) ->
            new UNet(g, config)
                .residual(new Layer(g, "res"), x.get(0), out, Activation.silu(x.get(1)), x.get(2)),
        (net, x) -> new TorchUNet(net, config).residual("res", x.get(0), x.get(1), x.get(2)));
  }

  /** An attention block of the U-Net. */
  public static Twin attention(Conditioning conditioning, int b, int channels, int size) {
    UNetConfig config = block(conditioning, channels);
    List<Input> inputs =
        List.of(picture(b, size, channels), new Input("context", Stage.IDENTITY, b, 256));
    return new Twin(
        "attention block [" + b + "," + channels + "," + size + "] " + conditioning,
        inputs,
        (g, x) -> new UNet(g, config).attention(new Layer(g, "attn"), x.get(0), x.get(1)),
        (net, x) -> new TorchUNet(net, config).attention("attn", x.get(0), x.get(1)));
  }

  /**
   * A whole U-Net.
   *
   * @param times b, or 1 for a time shared by the batch
   */
  public static Twin unet(String configuration, int b, int times) {
    UNetConfig config = ModelConfig.load(configuration).unet();
    List<Input> inputs =
        List.of(
            picture(b, config.size(), config.latentChannels()),
            new Input("t", Stage.STEP, times),
            new Input("identity", Stage.IDENTITY, b, config.contextInput()));
    return new Twin(
        "U-Net " + configuration + " batch " + b,
        inputs,
        (g, x) -> {
          UNet unet = new UNet(g, config);
          return unet.predict(x.get(0), x.get(1), unet.embedContext(x.get(2)));
        },
        (net, x) -> new TorchUNet(net, config).predict(x.get(0), x.get(1), x.get(2)));
  }

  /**
   * A recognizer for faces of {@code size} pixels. Training normalises by the batch in both;
   * otherwise ours is folded and libtorch's is in its evaluation mode.
   */
  public static Twin recognizer(String configuration, int b, int size, boolean training) {
    IResNetConfig shipped = IResNetConfig.load(configuration);
    IResNetConfig config =
        new IResNetConfig(
            shipped.name(), shipped.blocks(), shipped.width(), shipped.embedding(), size, 0);
    IResNet.Mode mode = training ? IResNet.Mode.TRAINING : IResNet.Mode.FOLDED;
    return new Twin(
        configuration + " [" + b + "," + size + "]" + (training ? " training" : ""),
        List.of(picture(b, size, 3)),
        (g, x) -> new IResNet(g, config, mode).embed(x.get(0)),
        (net, x) -> new TorchIResNet(net, config, training).embed(x.get(0)));
  }

  /** The encoder of the autoencoder for images of {@code size} pixels. */
  public static Twin encoder(String configuration, int b, int size) {
    VqAutoencoderConfig config = ModelConfig.load(configuration).autoencoder();
    return new Twin(
        "VQ encoder " + configuration + " [" + b + "," + size + "]",
        List.of(picture(b, size, 3)),
        (g, x) -> new VqAutoencoder(g, config).encode(x.get(0)),
        (net, x) -> new TorchVqAutoencoder(net, config).encode(x.get(0)));
  }

  /** The decoder, to images of {@code size} pixels. */
  public static Twin decoder(String configuration, int b, int size) {
    VqAutoencoderConfig config = ModelConfig.load(configuration).autoencoder();
    return new Twin(
        "VQ decoder " + configuration + " [" + b + "," + size + "]",
        List.of(picture(b, size / config.factor(), config.zChannels())),
        (g, x) -> new VqAutoencoder(g, config).decode(x.get(0)),
        (net, x) -> new TorchVqAutoencoder(net, config).decode(x.get(0)));
  }
}
