package dev.fizzy.recognition;

import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Philox;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Who the training faces are of. A face without a label counts as a person of its own, so where
 * labels are missing some pairs of two people may be of one.
 */
public final class RealPeople {
  private final Identities identities;
  private final int[] labelled;
  private final int labelledFaces;
  private final int[] personOfFace;

  private RealPeople(Identities identities, int[] labelled, int labelledFaces) {
    this.identities = identities;
    this.labelled = labelled;
    this.labelledFaces = labelledFaces;
    personOfFace = IntStream.range(0, identities.imageCount()).map(identities::owner).toArray();
  }

  /**
   * @param labels one a face, null where it has none
   */
  static RealPeople of(List<String> labels) {
    Identities identities = Identities.labelled(labels);
    int[] labelled =
        IntStream.range(0, identities.count()).filter(i -> identities.name(i) != null).toArray();
    int known = IntStream.of(labelled).map(identities::size).sum();
    return new RealPeople(identities, labelled, known);
  }

  Identities identities() {
    return identities;
  }

  int[] personOfFace() {
    return personOfFace;
  }

  /** People with a label. */
  public int labelledPeople() {
    return labelled.length;
  }

  public int labelledFaces() {
    return labelledFaces;
  }

  public int unlabelledFaces() {
    return personOfFace.length - labelledFaces;
  }

  /** So many of the people with a label, or where there are none of the faces, by the seed. */
  int[] draw(int count, long seed) {
    int[] from =
        labelled.length > 0 ? labelled.clone() : IntStream.range(0, identities.count()).toArray();
    if (from.length < 2) {
      throw new EngineException(
          "the training faces are of "
              + from.length
              + " people; two at least are needed to tell how near strangers come");
    }
    Philox random = new Philox(seed, Philox.Purpose.IMPOSTORS, 2);
    int n = Math.min(count, from.length);
    for (int i = 0; i < n; i++) {
      int j = i + random.nextInt(from.length - i);
      int kept = from[i];
      from[i] = from[j];
      from[j] = kept;
    }
    return IntStream.range(0, n).map(i -> from[i]).sorted().toArray();
  }
}
