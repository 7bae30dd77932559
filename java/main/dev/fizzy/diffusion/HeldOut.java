package dev.fizzy.diffusion;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.training.Validation;
import java.util.Arrays;

/**
 * People who are not trained on, and how a training is measured on them.
 *
 * @param faces of these people
 * @param every steps between measurements
 * @param similarity that faces are drawn with, see {@link SimilarityCondition}
 * @param drawing how faces of them are drawn; null to measure the loss alone
 */
public record HeldOut(
    DiffusionTask.Examples faces, long every, double similarity, Drawing drawing) {
  /**
   * How faces are drawn.
   *
   * @param judge the embedder of the contexts, which judges the faces
   * @param sampler null for an autoregressive model, which has no steps either
   * @param guidance weight, 1 for none
   * @param people to draw, at most as many as there are
   */
  public record Drawing(Judge judge, Sampler sampler, int steps, double guidance, int people) {
    public LatentSampler.Conditioning conditioning() {
      return guidance == 1
          ? LatentSampler.Conditioning.CONTEXT
          : LatentSampler.Conditioning.AWAY_FROM_EMPTY;
    }
  }

  /**
   * The measurements of a training.
   *
   * @param config of the model, with the scale of the latents
   * @param unet parameters of the training, with averages
   * @param autoencoder weights of the decoder
   */
  Validation.Judge validation(
      Device device, ModelConfig config, Parameters unet, Parameters autoencoder, DType type) {
    return new HeldOutValidation(
        every,
        new ValidationLoss(device, config, unet, faces, type),
        drawing == null ? null : adherence(device, config, unet, autoencoder, type));
  }

  private HeldOutAdherence adherence(
      Device device, ModelConfig config, Parameters unet, Parameters autoencoder, DType type) {
    float[][] contexts = contexts(faces.contexts(), faces.people());
    SamplingPlan plan =
        drawing
            .sampler()
            .plan(
                config.diffusion().noise(),
                Prediction.of(config.diffusion().prediction()),
                Math.min(drawing.steps(), config.diffusion().steps()),
                (float) drawing.guidance(),
                0);
    return new HeldOutAdherence(
        device,
        config.autoencoder(),
        autoencoder,
        config.diffusion().latentScale(),
        contexts,
        config.denoiser().contextSimilarity()
            ? Arrays.stream(contexts)
                .map(context -> SimilarityCondition.with(context, similarity))
                .toArray(float[][]::new)
            : contexts,
        drawing.judge(),
        drawing.people(),
        type,
        own ->
            new LatentSampler(
                own,
                config.denoiser(),
                unet,
                Region.AVERAGE,
                plan,
                HeldOutAdherence.BATCH,
                type,
                drawing.conditioning()));
  }

  /**
   * The context of each person's first face.
   *
   * @param contexts of all faces
   * @param people the person of each face, counted from 0
   */
  public static float[][] contexts(float[][] contexts, int[] people) {
    float[][] first = new float[contexts.length][];
    int count = 0;
    for (int face = 0; face < contexts.length; face++) {
      if (people[face] == count) {
        first[count++] = contexts[face];
      }
    }
    return Arrays.copyOf(first, count);
  }
}
