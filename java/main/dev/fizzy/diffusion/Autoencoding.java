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
import dev.fizzy.engine.Workers;
import dev.fizzy.engine.op.Cast;
import dev.fizzy.engine.op.ImageToTensor;
import dev.fizzy.engine.op.TensorToImage;
import dev.fizzy.model.SmallDecoder;
import dev.fizzy.model.SmallDecoderConfig;
import dev.fizzy.model.VqAutoencoder;
import dev.fizzy.model.VqAutoencoderConfig;
import java.util.Arrays;

/**
 * The encoder or the decoder with a fixed batch size: images to latents, or latents to images. A
 * large batch is computed in parts: the published decoder has tensors of 2^31 elements at batch
 * 512, more than cuDNN and 32-bit indices can address.
 */
public final class Autoencoding implements Workers.Network<Autoencoding> {
  /** The largest number of images that are computed at a time. */
  private static final int PART = 256;

  private final Program program;
  private final int batch;
  private final Tensor in;
  private final Tensor out;

  private Autoencoding(Program program, int batch, Tensor in, Tensor out) {
    this.program = program;
    this.batch = batch;
    this.in = in;
    this.out = out;
  }

  /** The number of images that are computed at a time: parts are equally large. */
  public static int part(int batch) {
    return part(batch, PART);
  }

  static int part(int batch, int most) {
    int parts = (batch + most - 1) / most;
    return (batch + parts - 1) / parts;
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
    Tensor image = g.input("image", DType.U8, Stage.EVALUATION, part(batch), s, s, 3);
    Tensor z = new VqAutoencoder(g, config).encode(ImageToTensor.of(image, type));
    Tensor out = g.output(Cast.of(z, DType.F32));
    Program program = new Program(new Plan(g, device), device, weights, region);
    return new Autoencoding(program, batch, image, out);
  }

  /** Maps unscaled latents to RGB images; latents are replaced by their nearest codes first. */
  public static Autoencoding decoder(
      Device device,
      VqAutoencoderConfig config,
      Parameters weights,
      Region region,
      int batch,
      DType type) {
    return decoder(device, config, weights, region, batch, type, PART);
  }

  static Autoencoding decoder(
      Device device,
      VqAutoencoderConfig config,
      Parameters weights,
      Region region,
      int batch,
      DType type,
      int most) {
    Graph g = new Graph(type);
    int s = config.latentSize();
    int part = part(batch, most);
    Tensor z = g.input("z", DType.F32, Stage.EVALUATION, part, s, s, config.zChannels());
    VqAutoencoder autoencoder = new VqAutoencoder(g, config);
    Tensor codes = Cast.of(autoencoder.quantize(z).quantized(), type);
    Tensor out = g.output(TensorToImage.of(autoencoder.decode(codes)));
    Program program = new Program(new Plan(g, device), device, weights, region);
    return new Autoencoding(program, batch, z, out);
  }

  /** The same by a small decoder. */
  public static Autoencoding decoder(
      Device device,
      SmallDecoderConfig config,
      int latentSize,
      Parameters weights,
      Region region,
      int batch,
      DType type) {
    Graph g = smallDecoder(config, latentSize, part(batch, PART), type);
    Program program = new Program(new Plan(g, device), device, weights, region);
    return new Autoencoding(program, batch, g.inputs().get("z"), g.outputs().get(0));
  }

  /**
   * Records a small decoder on the input {@code z}, unscaled latents; its images are the output.
   */
  public static Graph smallDecoder(
      SmallDecoderConfig config, int latentSize, int batch, DType type) {
    Graph g = new Graph(type);
    int s = latentSize;
    Tensor z = g.input("z", DType.F32, Stage.EVALUATION, batch, s, s, config.zChannels());
    Tensor codes = Cast.of(VqAutoencoder.nearest(z, config.codes()), type);
    g.output(TensorToImage.of(new SmallDecoder(g, config).decode(codes)));
    return g;
  }

  @Override
  public Autoencoding twin() {
    return new Autoencoding(program.twin(), batch, in, out);
  }

  @Override
  public long activationBytes() {
    return program.activationBytes();
  }

  public int batch() {
    return batch;
  }

  /** Encodes RGB pixels [B*S*S*3] to latents [B*S*S*z]. */
  public float[] encode(byte[] images) {
    int from = images.length / batch;
    int to = elements(out);
    float[] latents = new float[batch * to];
    for (int i = 0; i < batch; i += in.dim(0)) {
      program.write(in, Arrays.copyOfRange(images, i * from, (i + in.dim(0)) * from));
      program.run(Stage.EVALUATION);
      System.arraycopy(program.read(out), 0, latents, i * to, here(i) * to);
    }
    return latents;
  }

  /** Decodes latents to RGB pixels. */
  public byte[] decode(float[] latents) {
    int from = latents.length / batch;
    int to = elements(out);
    byte[] pixels = new byte[batch * to];
    for (int i = 0; i < batch; i += in.dim(0)) {
      program.write(in, Arrays.copyOfRange(latents, i * from, (i + in.dim(0)) * from));
      program.run(Stage.EVALUATION);
      System.arraycopy(program.readBytes(out), 0, pixels, i * to, here(i) * to);
    }
    return pixels;
  }

  /** The images of the part that begins with image i; the last part may be padded with zeros. */
  private int here(int i) {
    return Math.min(in.dim(0), batch - i);
  }

  private static int elements(Tensor t) {
    return (int) (t.elements() / t.dim(0));
  }

  @Override
  public void close() {
    program.close();
  }
}
