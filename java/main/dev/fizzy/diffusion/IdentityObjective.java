package dev.fizzy.diffusion;

import dev.fizzy.engine.EngineException;
import dev.fizzy.model.VqAutoencoderConfig;

/**
 * How the denoiser is trained for identity (DCFace, Kim et al., CVPR 2023): the predicted image is
 * decoded, and its vector F by a frozen embedder is drawn to those of the identity and the image.
 *
 * <pre>L = -1/n sum_i (g cos(F(context_i), F(x0_i)) + (1 - g) cos(F(image_i), F(x0_i)))</pre>
 *
 * <p>Faces of times outside the range and faces without a context add 0 to the sum. The n faces are
 * the first of a batch, which is shuffled: fewer of them change the cost, not the expected loss.
 *
 * @param judge the embedder, which must be the one of the contexts
 * @param autoencoder whose decoder shows the image
 * @param weight of L; that of the prediction's loss is 1
 * @param target sets g
 * @param from first time at which a face counts
 * @param to last time at which a face counts
 * @param every steps from one that includes L to the next; the others cost nothing more
 * @param faces n, at most the faces of a batch
 */
public record IdentityObjective(
    Judge judge,
    VqAutoencoderConfig autoencoder,
    double weight,
    Target target,
    int from,
    int to,
    long every,
    int faces) {

  /** Which vector the image is drawn to. */
  public enum Target {
    /** That of the context that the network was given: g = 1. */
    CONTEXT,
    /** That of the training image: g = 0. */
    IMAGE,
    /**
     * Both: g = t/T, the context where it is all there is, the image where it can be seen (as
     * published).
     */
    TIME;

    double share(int time, int times) {
      return switch (this) {
        case CONTEXT -> 1;
        case IMAGE -> 0;
        case TIME -> (double) time / times;
      };
    }
  }

  public IdentityObjective {
    if (from > to || from < 0) {
      throw new EngineException(
          "the identity loss counts from one time to a later one, not from " + from + " to " + to);
    }
  }

  /** What a resumed run must have too. */
  @Override
  public String toString() {
    return "identity "
        + weight
        + " of "
        + target
        + ", times "
        + from
        + " to "
        + to
        + ", every "
        + every
        + ", faces "
        + faces
        + ", judge "
        + judge.identity();
  }
}
