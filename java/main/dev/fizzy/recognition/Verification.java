package dev.fizzy.recognition;

import dev.fizzy.engine.EngineException;
import dev.fizzy.identity.Contexts;
import dev.fizzy.recognition.protocol.VerificationPairs;
import dev.fizzy.recognition.protocol.VerificationPairs.Pair;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Result of an embedder on a list of pairs: accuracy by folds, error rates over all pairs. */
public record Verification(FoldedAccuracy folded, ScoreStatistics scores, int pairs, int skipped) {

  /**
   * @param faces unit vectors with the image names of the pairs
   * @param listed number of pairs in the list
   */
  public static Verification of(VerificationPairs list, int listed, Contexts faces) {
    List<Pair> used =
        list.pairs().stream()
            .filter(p -> faces.indexOf(p.first()) >= 0 && faces.indexOf(p.second()) >= 0)
            .toList();
    float[] cosines = new float[used.size()];
    boolean[] same = new boolean[used.size()];
    int[] fold = new int[used.size()];
    int genuine = 0;
    for (int i = 0; i < cosines.length; i++) {
      Pair pair = used.get(i);
      cosines[i] =
          Cosine.of(
              faces.vector(faces.indexOf(pair.first())),
              faces.vector(faces.indexOf(pair.second())));
      same[i] = pair.same();
      fold[i] = pair.fold();
      genuine += same[i] ? 1 : 0;
    }
    if (used.isEmpty()) {
      throw new EngineException("both images are missing or unusable for all " + listed + " pairs");
    }
    float[] one = new float[genuine];
    float[] two = new float[cosines.length - genuine];
    for (int i = 0, g = 0, m = 0; i < cosines.length; i++) {
      if (same[i]) {
        one[g++] = cosines[i];
      } else {
        two[m++] = cosines[i];
      }
    }
    return new Verification(
        FoldedAccuracy.of(cosines, same, fold, list.folds()),
        new ScoreStatistics(one, two),
        used.size(),
        listed - used.size());
  }

  public Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("accuracy", folded.accuracy());
    fields.put("deviation", folded.deviation());
    fields.put("folds", folded.byFold());
    fields.put("pairs", pairs);
    fields.put("pairs_skipped", skipped);
    fields.putAll(scores.fields());
    fields.put("roc", scores.curve());
    return fields;
  }
}
