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
import dev.fizzy.engine.op.VectorQuantize;
import dev.fizzy.image.Rgb;
import dev.fizzy.model.ModelFile;
import dev.fizzy.model.VqAutoencoder;
import dev.fizzy.model.VqAutoencoderConfig;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** Encodes, quantizes and decodes faces with the autoencoder of a model, and counts its codes. */
public final class RoundTrip implements AutoCloseable {
  private final Parameters weights;
  private final Program program;
  private final Tensor image;
  private final Tensor again;
  private final Tensor codes;
  private final long[] use;

  /**
   * @param batch faces at a time
   */
  public RoundTrip(Device device, ModelFile model, int batch, DType type) {
    this(device, model.config().autoencoder(), all -> model.fill(all, Region.VALUES), batch, type);
  }

  /**
   * @param fill sets the weights
   * @param batch faces at a time
   */
  public RoundTrip(
      Device device, VqAutoencoderConfig config, Consumer<Parameters> fill, int batch, DType type) {
    Graph graph = new Graph(type);
    int s = config.imageSize();
    image = graph.input("image", DType.U8, Stage.EVALUATION, batch, s, s, 3);
    VqAutoencoder autoencoder = new VqAutoencoder(graph, config);
    Tensor latents = autoencoder.encode(ImageToTensor.of(image, type));
    VectorQuantize quantized = autoencoder.quantize(Cast.of(latents, DType.F32));
    codes = graph.output(quantized.indices());
    Tensor decoded = autoencoder.decode(Cast.of(quantized.quantized(), type));
    again = graph.output(TensorToImage.of(decoded));
    use = new long[config.codes()];
    weights = new Parameters(device, graph.parameters(), Region.VALUES);
    try {
      fill.accept(weights);
      program = new Program(new Plan(graph, device), device, weights);
    } catch (RuntimeException e) {
      weights.close();
      throw e;
    }
  }

  public int batch() {
    return image.dim(0);
  }

  /** Takes other weights and counts codes anew. */
  public void load(Parameters from) {
    weights.copy(Region.VALUES, from, Region.VALUES);
    program.load();
    Arrays.fill(use, 0);
  }

  /**
   * @param faces of the autoencoder's size
   * @param done is told the number of faces done
   */
  public List<Rgb> of(List<Rgb> faces, LongConsumer done) {
    int size = image.dim(1);
    int bytes = Math.toIntExact(image.elements() / batch());
    byte[] in = new byte[batch() * bytes];
    List<Rgb> after = new ArrayList<>();
    while (after.size() < faces.size()) {
      int from = after.size();
      int count = Math.min(batch(), faces.size() - from);
      for (int i = 0; i < count; i++) {
        System.arraycopy(faces.get(from + i).pixels(), 0, in, i * bytes, bytes);
      }
      byte[] out = of(in, count);
      for (int i = 0; i < count; i++) {
        after.add(new Rgb(size, size, Arrays.copyOfRange(out, i * bytes, (i + 1) * bytes)));
      }
      done.accept(after.size());
    }
    return after;
  }

  /**
   * @param images RGB pixels [B, S, S, 3]
   * @param count faces whose codes are counted; the others fill the batch
   * @return the pixels of the round trip, of the same shape
   */
  private byte[] of(byte[] images, int count) {
    program.write(image, images);
    program.run();
    ByteBuffer chosen = ByteBuffer.wrap(program.readBytes(codes)).order(ByteOrder.nativeOrder());
    long positions = codes.elements() / batch() * count;
    for (long i = 0; i < positions; i++) {
      use[chosen.getInt()]++;
    }
    return program.readBytes(again);
  }

  /** How often each code was chosen. */
  public long[] use() {
    return Arrays.copyOf(use, use.length);
  }

  @Override
  public void close() {
    program.close();
    weights.close();
  }
}
