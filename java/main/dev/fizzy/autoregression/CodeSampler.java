package dev.fizzy.autoregression;

import dev.fizzy.diffusion.Autoencoding;
import dev.fizzy.diffusion.LatentDrawer;
import dev.fizzy.diffusion.LatentSampler.Conditioning;
import dev.fizzy.diffusion.Rows;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Later;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Philox;
import dev.fizzy.engine.Plan;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Cast;
import dev.fizzy.model.AutoregressiveConfig;
import dev.fizzy.model.AutoregressiveTransformer;
import dev.fizzy.model.CodeTokens;
import java.util.Arrays;

/**
 * Draws the codes of images one after the other, row by row. The keys and values of the codes so
 * far are kept, so an image costs what one evaluation of all its codes costs.
 */
public final class CodeSampler implements LatentDrawer {
  private static final String IDENTITY = "identity";
  private static final String NEGATIVE = "negative";
  private static final String TOKENS = "tokens";
  private static final String POSITION = "position";

  private final AutoregressiveConfig config;
  private final CodeTokens tokens;
  private final CodeChoice choice;
  private final int batch;
  private final Program program;

  /**
   * @param codebook vectors of the codes, [N z]
   * @param weights contain every parameter of the network
   * @param region VALUES, or AVERAGE while training
   */
  public CodeSampler(
      Device device,
      AutoregressiveConfig config,
      float[] codebook,
      Parameters weights,
      Region region,
      CodeChoice choice,
      int batch,
      DType type,
      Conditioning conditioning) {
    this.config = config;
    this.tokens = new CodeTokens(config, codebook);
    this.choice = choice;
    this.batch = batch;
    Graph graph = graph(config, batch, type, conditioning);
    this.program = new Program(new Plan(graph, device), device, weights, region);
  }

  private CodeSampler(CodeSampler first) {
    config = first.config;
    tokens = first.tokens;
    choice = first.choice;
    batch = first.batch;
    program = first.program.twin();
  }

  /**
   * Records the drawing of one code of each image; the logits are the output, with guidance those
   * that it leads away from behind.
   */
  public static Graph graph(
      AutoregressiveConfig config, int batch, DType type, Conditioning conditioning) {
    Graph g = new Graph(type);
    AutoregressiveTransformer network = new AutoregressiveTransformer(g, config);
    int rows = guided(conditioning) ? 2 * batch : batch;
    Tensor features = g.input(TOKENS, DType.F32, Stage.EVALUATION, rows, config.features());
    Tensor position = g.input(POSITION, DType.I32, Stage.EVALUATION, 1);
    Tensor context = config.conditional() ? context(network, config, g, batch, conditioning) : null;
    g.output(network.next(Cast.of(features, type), position, context));
    return g;
  }

  private static Tensor context(
      AutoregressiveTransformer network,
      AutoregressiveConfig config,
      Graph g,
      int batch,
      Conditioning conditioning) {
    return switch (conditioning) {
      case EMPTY -> network.emptyContext(batch);
      case CONTEXT -> embedded(network, config, g, batch, IDENTITY);
      case AWAY_FROM_EMPTY ->
          Rows.stacked(embedded(network, config, g, batch, IDENTITY), network.emptyContext(batch));
      case AWAY_FROM_NEGATIVE ->
          Rows.stacked(
              embedded(network, config, g, batch, IDENTITY),
              embedded(network, config, g, batch, NEGATIVE));
      case AWAY_FROM_GUIDE, INJECTED ->
          throw new IllegalArgumentException(conditioning + " is not for the drawing of codes");
    };
  }

  private static Tensor embedded(
      AutoregressiveTransformer network,
      AutoregressiveConfig config,
      Graph g,
      int batch,
      String input) {
    Tensor identity = g.input(input, DType.F32, Stage.IDENTITY, batch, config.contextWidth());
    return network.embedContext(Cast.of(identity, g.compute()));
  }

  private static boolean guided(Conditioning conditioning) {
    return conditioning == Conditioning.AWAY_FROM_EMPTY
        || conditioning == Conditioning.AWAY_FROM_NEGATIVE;
  }

  @Override
  public CodeSampler twin() {
    return new CodeSampler(this);
  }

  @Override
  public long activationBytes() {
    return program.activationBytes();
  }

  @Override
  public int batch() {
    return batch;
  }

  @Override
  public void load() {
    program.load();
  }

  /** {@inheritDoc} The latents are the codebook's vectors, which have the scale 1. */
  @Override
  public Later<byte[]> draw(
      float[][] contexts, float[][] negatives, int[] rows, long seed, Autoencoding decoder) {
    return decoder
        .decode(sample(contexts, negatives, rows, seed))
        .map(Autoencoding.Decoded::pixels);
  }

  /** The latents of one batch, [batch*S*S*z]. */
  public float[] sample(float[][] contexts, float[][] negatives, int[] rows, long seed) {
    write(IDENTITY, contexts);
    write(NEGATIVE, negatives);
    program.run(Stage.IDENTITY);
    int n = config.codes();
    Tensor logits = program.graph().outputs().get(0);
    int copies = logits.dim(0) / batch;
    float[] read = new float[Math.toIntExact(logits.elements())];
    float[] features = new float[copies * batch * config.features()];
    int[][] codes = new int[batch][config.tokens()];
    for (int at = 0; at < config.tokens(); at++) {
      for (int row = 0; row < copies * batch; row++) {
        int before = at == 0 ? CodeTokens.NONE : codes[row % batch][at - 1];
        tokens.write(at, before, features, row * config.features());
      }
      program.write(program.input(TOKENS), features);
      program.write(program.input(POSITION), new int[] {at});
      program.run(Stage.EVALUATION);
      program.read(logits, read);
      for (int i = 0; i < batch; i++) {
        float[] own = Arrays.copyOfRange(read, i * n, (i + 1) * n);
        float[] away =
            copies == 1 ? null : Arrays.copyOfRange(read, (batch + i) * n, (batch + i + 1) * n);
        codes[i][at] = choice.of(own, away, uniform(seed, rows[2 * i], rows[2 * i + 1], at));
      }
    }
    float[] latents = new float[batch * config.tokens() * config.latentChannels()];
    for (int i = 0; i < batch; i++) {
      tokens.latents(codes[i], latents, i * config.tokens() * config.latentChannels());
    }
    return latents;
  }

  /** Uniform on [0, 1), of a code of an image. */
  private static double uniform(long seed, int identity, int image, int position) {
    int[] counter = {position, Philox.Purpose.CODE.ordinal() << 24, identity, image};
    int[] words = new int[4];
    Philox.block(seed, counter, words);
    return ((((long) words[0] & 0xffffffffL) << 21) ^ (words[1] >>> 11)) * 0x1p-53;
  }

  private void write(String name, float[][] vectors) {
    Tensor input = program.graph().inputs().get(name);
    if (input == null) {
      return;
    }
    int width = input.dim(1);
    float[] flat = new float[batch * width];
    for (int i = 0; i < batch; i++) {
      System.arraycopy(vectors[i], 0, flat, i * width, width);
    }
    program.write(input, flat);
  }

  @Override
  public void close() {
    program.close();
  }
}
