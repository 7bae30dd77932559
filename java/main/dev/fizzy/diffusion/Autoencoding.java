package dev.fizzy.diffusion;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Plan;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Cast;
import dev.fizzy.engine.op.ImageToTensor;
import dev.fizzy.engine.op.TensorToImage;
import dev.fizzy.model.VqAutoencoder;
import dev.fizzy.model.VqAutoencoderConfig;

/** The encoder or the decoder with a fixed batch size: images to latents, or latents to images. */
public final class Autoencoding implements AutoCloseable {
  private final Program program;
  private final Tensor in;
  private final Tensor out;

  private Autoencoding(Program program, Tensor in, Tensor out) {
    this.program = program;
    this.in = in;
    this.out = out;
  }

  /** Maps RGB images [B,S,S,3] to unscaled latents. */
  public static Autoencoding encoder(
      Device device,
      VqAutoencoderConfig config,
      Parameters weights,
      Region region,
      int batch,
      DType type) {
    Graph g = new Graph(type);
    int s = config.imageSize();
    Tensor image = g.input("image", DType.U8, Stage.EVALUATION, batch, s, s, 3);
    Tensor z = new VqAutoencoder(g, config).encode(ImageToTensor.of(image, type));
    Tensor out = g.output(Cast.of(z, DType.F32));
    return new Autoencoding(new Program(new Plan(g, device), device, weights, region), image, out);
  }

  /** Maps unscaled latents to RGB images; latents are replaced by their nearest codes first. */
  public static Autoencoding decoder(
      Device device,
      VqAutoencoderConfig config,
      Parameters weights,
      Region region,
      int batch,
      DType type) {
    Graph g = new Graph(type);
    int s = config.latentSize();
    Tensor z = g.input("z", DType.F32, Stage.EVALUATION, batch, s, s, config.zChannels());
    VqAutoencoder autoencoder = new VqAutoencoder(g, config);
    Tensor codes = Cast.of(autoencoder.quantize(z).quantized(), type);
    Tensor out = g.output(TensorToImage.of(autoencoder.decode(codes)));
    return new Autoencoding(new Program(new Plan(g, device), device, weights, region), z, out);
  }

  public int batch() {
    return in.dim(0);
  }

  /** Encodes RGB pixels [B*S*S*3] to latents [B*S*S*z]. */
  public float[] encode(byte[] images) {
    program.write(in, images);
    program.run();
    return program.read(out);
  }

  /** Decodes latents to RGB pixels. */
  public byte[] decode(float[] latents) {
    program.write(in, latents);
    program.run();
    return program.readBytes(out);
  }

  @Override
  public void close() {
    program.close();
  }
}
