package dev.fizzy.recognition;

import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Philox;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The people of the training faces. A face without a label counts as a separate person, so with
 * missing labels some pairs of two people may be of one person.
 */
public final class RealPeople {
  private final Identities identities;
  private final int[] labeled;
  private final int labeledFaces;
  private final int[] personOfFace;

  private RealPeople(Identities identities, int[] labeled, int labeledFaces) {
    this.identities = identities;
    this.labeled = labeled;
    this.labeledFaces = labeledFaces;
    personOfFace = IntStream.range(0, identities.imageCount()).map(identities::owner).toArray();
  }

  /**
   * @param labels one per face, null if it has none
   */
  static RealPeople of(List<String> labels) {
    Identities identities = Identities.labeled(labels);
    int[] labeled =
        IntStream.range(0, identities.count()).filter(i -> identities.name(i) != null).toArray();
    int known = IntStream.of(labeled).map(identities::size).sum();
    return new RealPeople(identities, labeled, known);
  }

  Identities identities() {
    return identities;
  }

  int[] personOfFace() {
    return personOfFace;
  }

  /** Number of people with a label. */
  public int labeledPeople() {
    return labeled.length;
  }

  public int labeledFaces() {
    return labeledFaces;
  }

  public int unlabeledFaces() {
    return personOfFace.length - labeledFaces;
  }

  /** Draws people with a label, or faces if no face has a label, by the seed. */
  int[] draw(int count, long seed) {
    int[] from =
        labeled.length > 0 ? labeled.clone() : IntStream.range(0, identities.count()).toArray();
    if (from.length < 2) {
      throw new EngineException(
          "the training faces are of "
              + from.length
              + " people; at least two are needed to measure how near strangers are");
    }
    Philox random = new Philox(seed, Philox.Purpose.IMPOSTORS, 2);
    int[] drawn = random.draw(Math.min(count, from.length), from.length);
    return IntStream.of(drawn).map(i -> from[i]).sorted().toArray();
  }
}
