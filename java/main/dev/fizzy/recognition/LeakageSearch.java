package dev.fizzy.recognition;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.EngineException;
import dev.fizzy.identity.Embeddings;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

/**
 * The comparisons of a {@link Leakage}, which may be made in parts: some identities with a range of
 * the training faces. Blocks have the same sizes in every division, so that each cosine has the
 * same bits.
 */
public final class LeakageSearch {
  /** Vectors of identities that a part compares at most. */
  private static final int PART_ROWS = 1 << 16;

  private final Embeddings faces;
  private final Embeddings training;
  private final Identities identities;
  private final RealPeople people;
  private final int[] all;
  private final int[] drawn;
  private final int probeRows;
  private final int galleryRows;

  /** The nearest faces of identities, by their index, and the scores of strangers. */
  public static final class Found implements Serializable {
    private final Map<Integer, IdentitySearch.Result> synthetic = new TreeMap<>();
    private final Map<Integer, IdentitySearch.Result> real = new TreeMap<>();
    private ScoreCounts impostors;

    /** Adds what other parts have found. */
    public Found merge(Found other) {
      other.synthetic.forEach((i, r) -> synthetic.merge(i, r, IdentitySearch.Result::merge));
      other.real.forEach((i, r) -> real.merge(i, r, IdentitySearch.Result::merge));
      if (impostors == null) {
        impostors = other.impostors;
      } else if (other.impostors != null) {
        impostors.add(other.impostors);
      }
      return this;
    }
  }

  /** Some identities, of the data set or of real people. */
  private record Chunk(boolean ofReal, int[] chosen) {}

  private LeakageSearch(
      Embeddings faces,
      Embeddings training,
      Identities identities,
      RealPeople people,
      Leakage.Options options) {
    this.faces = faces;
    this.training = training;
    this.identities = identities;
    this.people = people;
    all = IntStream.range(0, identities.count()).toArray();
    drawn = people.draw(options.people(), options.seed());
    long rows = Math.max(rows(false, all), rows(true, drawn));
    int most = options.probeRows() > 0 ? options.probeRows() : NearestSearch.PROBES;
    probeRows = (int) Math.min(most, rows);
    int block = options.galleryRows() > 0 ? options.galleryRows() : NearestSearch.GALLERY;
    galleryRows = Math.min(block, training.size());
  }

  /**
   * @param faces of the data set, named identity/image
   * @param training the training faces
   * @param labels identity of each training face, or null if it is unknown; see {@link RealPeople}
   */
  public static LeakageSearch of(
      Embeddings faces, Embeddings training, List<String> labels, Leakage.Options options) {
    if (faces.width() != training.width()) {
      throw new EngineException(
          "the data set's vectors have width "
              + faces.width()
              + " and the training faces' "
              + training.width()
              + "; both must come from one embedder");
    }
    return new LeakageSearch(
        faces, training, Identities.of(faces.names()), RealPeople.of(labels), options);
  }

  private Identities identities(boolean ofReal) {
    return ofReal ? people.identities() : identities;
  }

  private long rows(boolean ofReal, int[] chosen) {
    return IdentitySearch.rows(identities(ofReal), chosen);
  }

  /** Number of comparisons in all. */
  public long comparisons() {
    return (rows(false, all) + rows(true, drawn)) * training.size();
  }

  /** Makes all comparisons. */
  public Found all(Device device, LongConsumer done) {
    long mine = rows(false, all) * training.size();
    Found found = search(device, new Chunk(false, all), 0, training.size(), done);
    return found.merge(
        search(device, new Chunk(true, drawn), 0, training.size(), n -> done.accept(mine + n)));
  }

  private List<Chunk> chunks() {
    List<Chunk> chunks = new ArrayList<>();
    for (boolean ofReal : new boolean[] {false, true}) {
      int[] chosen = ofReal ? drawn : all;
      int begin = 0;
      long rows = 0;
      for (int i = 0; i < chosen.length; i++) {
        rows += identities(ofReal).size(chosen[i]) + 1;
        if (rows >= PART_ROWS || i == chosen.length - 1) {
          chunks.add(new Chunk(ofReal, Arrays.copyOfRange(chosen, begin, i + 1)));
          begin = i + 1;
          rows = 0;
        }
      }
    }
    return chunks;
  }

  /** Into how many ranges the training faces are divided for about so many parts. */
  private int ranges(int wanted, int chunks) {
    int blocks = (training.size() - 1) / galleryRows + 1;
    return Math.max(1, Math.min(blocks, (wanted - 1) / chunks + 1));
  }

  /** The number of parts, near the number wanted. */
  public int parts(int wanted) {
    int chunks = chunks().size();
    return Math.multiplyExact(chunks, ranges(wanted, chunks));
  }

  /**
   * Makes the comparisons of a part.
   *
   * @param part from 0
   * @param wanted the number of parts that was given to {@link #parts}
   * @param done is told the number of comparisons done in this part
   */
  public Found part(Device device, int part, int wanted, LongConsumer done) {
    List<Chunk> chunks = chunks();
    int ranges = ranges(wanted, chunks.size());
    long blocks = (training.size() - 1) / galleryRows + 1;
    int range = part % ranges;
    int begin = (int) (blocks * range / ranges) * galleryRows;
    long end = blocks * (range + 1) / ranges * galleryRows;
    return search(
        device, chunks.get(part / ranges), begin, (int) Math.min(end, training.size()), done);
  }

  private Found search(Device device, Chunk chunk, int begin, int end, LongConsumer done) {
    Found found = new Found();
    int[] persons = new int[identities(chunk.ofReal).count()];
    Arrays.setAll(persons, i -> chunk.ofReal ? i : NearestSearch.NOBODY);
    found.impostors = chunk.ofReal ? new ScoreCounts() : null;
    try (NearestSearch search =
        new NearestSearch(
            device, training, people.personOfFace(), probeRows, galleryRows, begin, end)) {
      Embeddings probes = chunk.ofReal ? training : faces;
      Identities of = identities(chunk.ofReal);
      Map<Integer, IdentitySearch.Result> results = chunk.ofReal ? found.real : found.synthetic;
      for (IdentitySearch.Result result :
          new IdentitySearch(probes, of, persons, search, found.impostors, done).of(chunk.chosen)) {
        results.put(result.identity(), result);
      }
    }
    return found;
  }

  /** The leakage, when all parts are there. */
  public Leakage leakage(Found found) {
    if (found.impostors.total() == 0) {
      throw new EngineException("all training faces are of one person: nothing to compare with");
    }
    IdentitySearch.Result[] synthetic = of(found.synthetic, all);
    Arrays.sort(synthetic, Comparator.comparingDouble(f -> -f.mean()));
    return new Leakage(
        identities, faces, training, people, synthetic, of(found.real, drawn), found.impostors);
  }

  private static IdentitySearch.Result[] of(
      Map<Integer, IdentitySearch.Result> found, int[] chosen) {
    return IntStream.of(chosen).mapToObj(found::get).toArray(IdentitySearch.Result[]::new);
  }
}
