package dev.fizzy.diffusion;

import dev.fizzy.diffusion.LatentSampler.Conditioning;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Cast;
import dev.fizzy.engine.op.Concat;
import dev.fizzy.engine.op.Duplicate;
import dev.fizzy.engine.op.MatMul;
import dev.fizzy.engine.op.Reshape;
import dev.fizzy.model.Denoiser;
import dev.fizzy.model.DenoiserConfig;
import dev.fizzy.model.Times;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records what a step of a sampler combines: the network's prediction for the context, and with
 * guidance the prediction that it leads away from, by the network itself for another context, or by
 * another network, a smaller or less trained one (autoguidance, Karras et al., NeurIPS 2024).
 */
public final class Predictions {
  private static final Logger log = LoggerFactory.getLogger(Predictions.class);

  /** Input of the contexts, where a network reads them. */
  static final String IDENTITY = "identity";

  /** Input of the contexts that guidance leads away from. */
  static final String NEGATIVE = "negative";

  /** Input of the guidance weights, where the network takes them. */
  static final String GUIDANCE = "guidance";

  /** Input of the shares of the identity and of the empty context, [B,1,2], with a first phase. */
  static final String SHARES = "shares";

  /** Input of the zero vector, where it is the empty context. */
  static final String ZEROS = "zeros";

  /** The path of the parameters of the network that guides. */
  public static final String GUIDE = "guide";

  private final Graph g;
  private final DenoiserConfig config;
  private final DenoiserConfig guide;
  private final Denoiser unet;
  private final Denoiser other;
  private final int batch;
  private final Conditioning conditioning;
  private final boolean phased;

  /**
   * @param guide null if the network is its own guide
   * @param phased whether the context is the share of the identity's and the empty one's that the
   *     input {@link #SHARES} says
   */
  Predictions(
      Graph g,
      DenoiserConfig config,
      DenoiserConfig guide,
      int batch,
      Conditioning conditioning,
      boolean phased) {
    this.g = g;
    this.config = config;
    this.guide = guide;
    Denoiser network = config.record(g);
    this.unet = conditioning == Conditioning.INJECTED ? network.injected() : network;
    this.other = guide == null ? unet : guide.record(g, GUIDE);
    this.batch = batch;
    this.conditioning = conditioning;
    this.phased = phased;
  }

  /**
   * The predictions for the noisy latents [B,...] in the graph's type: [B,...], or [2B,...] with
   * those that guidance leads away from behind.
   *
   * @param t timesteps f32, of all steps
   * @param step of t, see {@link Times}
   */
  Tensor of(Tensor noisy, Tensor t, Tensor step) {
    Tensor context = conditioning == Conditioning.EMPTY ? empty(unet, config) : own();
    if (unet.guided()) {
      Tensor weight = g.input(GUIDANCE, DType.F32, t.stage(), t.shape());
      return unet.predict(noisy, new Times(t, weight, step), context);
    }
    Times times = new Times(t, null, step);
    if (!conditioning.guided()) {
      return unet.predict(noisy, times, context);
    }
    DenoiserConfig led = guide == null ? config : guide;
    Tensor away =
        switch (conditioning) {
          case AWAY_FROM_EMPTY, INJECTED -> empty(other, led);
          case AWAY_FROM_NEGATIVE -> embedded(other, led, NEGATIVE);
          default -> embedded(other, led, IDENTITY);
        };
    return guide == null
        ? unet.predict(
            Duplicate.of(noisy), times, context == null ? null : Rows.stacked(context, away))
        : Rows.stacked(unet.predict(noisy, times, context), other.predict(noisy, times, away));
  }

  /** The context of the identity, or with a first phase of either: [B,contextChannels]. */
  private Tensor own() {
    Tensor identity = embedded(unet, config, IDENTITY);
    if (!phased) {
      return identity;
    }
    int width = config.contextChannels();
    Tensor both = Reshape.of(Concat.of(identity, empty(unet, config)), batch, 2, width);
    Tensor shares = Cast.of(g.input(SHARES, DType.F32, Stage.IDENTITY, batch, 1, 2), g.compute());
    return Reshape.of(MatMul.of(shares, both, false, false, 1), batch, width);
  }

  /** The embedding of an input, [B,contextChannels]; null without conditioning. */
  private Tensor embedded(Denoiser network, DenoiserConfig of, String input) {
    if (!network.conditional()) {
      return null;
    }
    Tensor known = g.inputs().get(input);
    Tensor context =
        known == null ? g.input(input, DType.F32, Stage.IDENTITY, batch, of.contextWidth()) : known;
    return network.embedContext(Cast.of(context, g.compute()));
  }

  /**
   * The empty context, [B,contextChannels]: the learned one, or zeros if there is none, as in the
   * published sampler; null without conditioning.
   */
  private Tensor empty(Denoiser network, DenoiserConfig of) {
    if (!network.conditional()) {
      return null;
    }
    if (network.hasEmptyContext()) {
      return network.emptyContext(batch);
    }
    log.info("the model has no learned empty context: the zero vector is used");
    Tensor known = g.inputs().get(ZEROS);
    Tensor zeros =
        known == null
            ? g.input(ZEROS, DType.F32, Stage.IDENTITY, batch, of.contextChannels())
            : known;
    return Cast.of(zeros, g.compute());
  }
}
