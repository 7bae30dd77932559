package dev.fizzy.diffusion;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Later;
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
import dev.fizzy.engine.op.Unscale;
import dev.fizzy.model.SmallDecoder;
import dev.fizzy.model.SmallDecoderConfig;
import dev.fizzy.model.VqAutoencoder;
import dev.fizzy.model.VqAutoencoderConfig;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;

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
  private final Tensor extreme; // null in an encoder

  /**
   * Images of a batch.
   *
   * @param pixels RGB [B*S*S*3]
   * @param extremes of the latents that were decoded, as given: of each image the element with the
   *     largest magnitude, NaN if there is one
   */
  public record Decoded(byte[] pixels, float[] extremes) {}

  private Autoencoding(Program program, int batch, Tensor in, Tensor out, Tensor extreme) {
    this.program = program;
    this.batch = batch;
    this.in = in;
    this.out = out;
    this.extreme = extreme;
  }

  private static Autoencoding decoder(Program program, int batch) {
    List<Tensor> outputs = program.graph().outputs();
    return new Autoencoding(program, batch, program.input("z"), outputs.get(0), outputs.get(1));
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
    return new Autoencoding(program, batch, image, out, null);
  }

  /**
   * Maps latents to RGB images; unscaled latents are replaced by their nearest codes first.
   *
   * @param scale by which the latents are multiplied, 1 if they are not scaled
   */
  public static Autoencoding decoder(
      Device device,
      VqAutoencoderConfig config,
      Parameters weights,
      Region region,
      int batch,
      DType type,
      double scale) {
    return decoder(device, config, weights, region, batch, type, scale, PART);
  }

  static Autoencoding decoder(
      Device device,
      VqAutoencoderConfig config,
      Parameters weights,
      Region region,
      int batch,
      DType type,
      double scale,
      int most) {
    Graph g = new Graph(type);
    int s = config.latentSize();
    int part = part(batch, most);
    Tensor z = g.input("z", DType.F32, Stage.EVALUATION, part, s, s, config.zChannels());
    VqAutoencoder autoencoder = new VqAutoencoder(g, config);
    Unscale unscaled = Unscale.of(z, scale);
    Tensor codes = Cast.of(autoencoder.quantize(unscaled.y()).quantized(), type);
    g.output(TensorToImage.of(autoencoder.decode(codes)));
    g.output(unscaled.extreme());
    return decoder(new Program(new Plan(g, device), device, weights, region), batch);
  }

  /** The same by a small decoder. */
  public static Autoencoding decoder(
      Device device,
      SmallDecoderConfig config,
      Parameters weights,
      Region region,
      int batch,
      DType type,
      double scale) {
    Graph g = smallDecoder(config, part(batch, PART), type, scale);
    return decoder(new Program(new Plan(g, device), device, weights, region), batch);
  }

  /**
   * Records a small decoder on the input {@code z}, latents multiplied by the scale; its images are
   * the first output.
   */
  public static Graph smallDecoder(SmallDecoderConfig config, int batch, DType type, double scale) {
    Graph g = new Graph(type);
    VqAutoencoderConfig latents = config.autoencoder();
    int s = latents.latentSize();
    Tensor z = g.input("z", DType.F32, Stage.EVALUATION, batch, s, s, latents.zChannels());
    Unscale unscaled = Unscale.of(z, scale);
    Tensor codes = Cast.of(VqAutoencoder.nearest(unscaled.y(), latents.codes()), type);
    g.output(TensorToImage.of(new SmallDecoder(g, config).decode(codes)));
    g.output(unscaled.extreme());
    return g;
  }

  @Override
  public Autoencoding twin() {
    return new Autoencoding(program.twin(), batch, in, out, extreme);
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

  /** Decodes latents [B*S*S*z]. */
  public Later<Decoded> decode(float[] latents) {
    int from = latents.length / batch;
    return decode(
        i -> program.write(in, Arrays.copyOfRange(latents, i * from, (i + in.dim(0)) * from)));
  }

  /** Decodes latents [B,S,S,z] of another program on the same device, without the host. */
  public Later<Decoded> decode(Program drawn, Tensor latents) {
    long of = elements(latents);
    return decode(i -> program.copy(in, drawn, latents, i * of, here(i) * of));
  }

  /**
   * @param give writes the latents of the part that begins with an image
   */
  private Later<Decoded> decode(IntConsumer give) {
    List<Later<byte[]>> images = new ArrayList<>();
    List<Later<byte[]>> extremes = new ArrayList<>();
    for (int i = 0; i < batch; i += in.dim(0)) {
      give.accept(i);
      program.run(Stage.EVALUATION);
      images.add(program.readLater(out));
      extremes.add(program.readLater(extreme));
    }
    return Later.all(List.of(Later.all(images), Later.all(extremes)))
        .map(both -> new Decoded(joined(both.get(0), out), floats(joined(both.get(1), extreme))));
  }

  /** The bytes of a batch, from those of its parts. */
  private byte[] joined(List<byte[]> parts, Tensor of) {
    if (parts.size() == 1) {
      return parts.get(0);
    }
    int each = (int) (of.bytes() / of.dim(0));
    ByteBuffer all = ByteBuffer.allocate(batch * each);
    for (int i = 0; i < parts.size(); i++) {
      all.put(parts.get(i), 0, here(i * in.dim(0)) * each);
    }
    return all.array();
  }

  private static float[] floats(byte[] bytes) {
    float[] floats = new float[bytes.length / Float.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).asFloatBuffer().get(floats);
    return floats;
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
