package dev.fizzy.generation;

import dev.fizzy.dataset.write.ImageKey;
import dev.fizzy.diffusion.SimilarityCondition;
import dev.fizzy.engine.Later;
import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.Negatives;
import dev.fizzy.identity.Perturbation;
import dev.fizzy.image.Rgb;
import java.util.List;

/**
 * What the network is given for each image of a set of identities.
 *
 * @param perturbation of each image's context; null for none
 * @param negatives the identities that guidance leads away from; null for none
 * @param similarity of the images to their contexts; null if the network takes none
 */
public record ImageConditions(
    Contexts contexts, Perturbation perturbation, Negatives negatives, Similarity similarity)
    implements Drawing {
  /** The contexts as they are. */
  public static ImageConditions of(Contexts contexts) {
    return new ImageConditions(contexts, null, null, null);
  }

  @Override
  public int images(int batch) {
    return batch;
  }

  @Override
  public Later<List<Rgb>> draw(
      FaceSampler sampler, List<ImageKey> keys, long seed, Distinct distinct) {
    List<FaceSampler.Face> faces =
        keys.stream().map(key -> face(key.identity(), key.image())).toList();
    return sampler
        .start(faces, seed)
        .map(
            images -> {
              distinct.require(faces, images);
              return images;
            });
  }

  /** These conditions with a similarity. */
  public ImageConditions with(Similarity similarity) {
    return new ImageConditions(contexts, perturbation, negatives, similarity);
  }

  public FaceSampler.Face face(int identity, int image) {
    float[] context =
        perturbation == null ? contexts.vector(identity) : perturbation.vector(identity, image);
    float[] negative = negatives == null ? null : negatives.vector(identity);
    if (similarity == null) {
      return new FaceSampler.Face(context, negative, identity, image);
    }
    double wanted = similarity.of(identity, image);
    return new FaceSampler.Face(
        SimilarityCondition.with(context, wanted),
        negative == null ? null : SimilarityCondition.with(negative, wanted),
        identity,
        image);
  }
}
