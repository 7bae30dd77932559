package dev.fizzy.generation;

import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.Negatives;
import dev.fizzy.identity.Perturbation;

/**
 * What the network is given for each image of a set of identities.
 *
 * @param perturbation of each image's context; null for none
 * @param negatives the identities that guidance leads away from; null for none
 */
public record ImageConditions(Contexts contexts, Perturbation perturbation, Negatives negatives) {
  /** The contexts as they are. */
  public static ImageConditions of(Contexts contexts) {
    return new ImageConditions(contexts, null, null);
  }

  public FaceSampler.Face face(int identity, int image) {
    return new FaceSampler.Face(
        perturbation == null ? contexts.vector(identity) : perturbation.vector(identity, image),
        negatives == null ? null : negatives.vector(identity),
        identity,
        image);
  }
}
