package dev.fizzy.recognition.protocol;

import dev.fizzy.dataset.read.FaceFolder;
import dev.fizzy.file.FileException;
import dev.fizzy.file.Quoted;
import dev.fizzy.file.TextFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Pairs of faces to compare, in the order of their folds, which have equal size.
 *
 * @param missing images of the list that are not in the folder; pairs with one of them are skipped
 */
public record VerificationPairs(List<Pair> pairs, int folds, Set<String> missing) {

  /** Bytes of a list. */
  private static final long LONGEST = 1L << 30;

  /**
   * @param first name of an image in its {@link FaceFolder}
   * @param same whether both show one person
   * @param fold from 0
   */
  public record Pair(String first, String second, boolean same, int fold) {}

  /** The images of the pairs. */
  public Set<String> images() {
    Set<String> images = new HashSet<>();
    pairs.forEach(p -> images.addAll(List.of(p.first, p.second)));
    return images;
  }

  /** Pairs with the number of pairs in the list, including skipped ones. */
  public record Listed(VerificationPairs found, int listed) {}

  /**
   * Reads a list in the format of Labeled Faces in the Wild: {@code folds<TAB>pairs}, then for each
   * fold that many lines {@code name i j} of one person and as many {@code name1 i name2 j} of two.
   * The image {@code i} of {@code name} is {@code name_000i} with any extension, in any folder
   * below the given one.
   */
  public static Listed readLfw(Path list, FaceFolder folder) {
    List<String> lines = TextFile.lines(list, LONGEST);
    int[] head = numbers(list, lines);
    int folds = head[0];
    int half = head[1];
    if (lines.size() < 1 + 2L * folds * half) {
      throw new FileException(
          list
              + " announces "
              + folds
              + " folds of 2 x "
              + half
              + " pairs and has "
              + (lines.size() - 1)
              + " lines");
    }
    Map<String, String> byStem = stems(folder);
    Set<String> missing = new TreeSet<>();
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < 2 * folds * half; i++) {
      String[] words = lines.get(i + 1).strip().split("\\s+");
      boolean same = i / half % 2 == 0;
      if (words.length != (same ? 3 : 4)) {
        throw new FileException(
            list
                + ", line "
                + (i + 2)
                + ": "
                + (same ? 3 : 4)
                + " words are expected: "
                + Quoted.of(lines.get(i + 1)));
      }
      String first = stem(list, i, words[0], words[1]);
      String second = stem(list, i, words[same ? 0 : 2], words[same ? 2 : 3]);
      String a = byStem.get(first);
      String b = byStem.get(second);
      if (a == null) {
        missing.add(first);
      }
      if (b == null) {
        missing.add(second);
      }
      if (a != null && b != null) {
        pairs.add(new Pair(a, b, same, i / (2 * half)));
      }
    }
    return new Listed(new VerificationPairs(pairs, folds, missing), 2 * folds * half);
  }

  /** As {@link #readLfw}, but throws if an image is missing in the folder. */
  public static VerificationPairs readWholeLfw(Path list, FaceFolder folder) {
    VerificationPairs pairs = readLfw(list, folder).found();
    if (!pairs.missing().isEmpty()) {
      throw new FileException(
          pairs.missing().size()
              + " images that "
              + list
              + " names are not in "
              + folder.folder()
              + ", the first "
              + pairs.missing().iterator().next()
              + "; every pair is needed");
    }
    return pairs;
  }

  private static int[] numbers(Path list, List<String> lines) {
    try {
      String[] words = lines.get(0).strip().split("\\s+");
      int[] head = {Integer.parseInt(words[0]), Integer.parseInt(words[1])};
      if (words.length == 2
          && head[0] > 1
          && head[1] > 0
          && head[0] < 1000
          && head[1] < 1_000_000) {
        return head;
      }
    } catch (IndexOutOfBoundsException | NumberFormatException e) {
      // reported below
    }
    throw new FileException(
        list
            + " is not a list of pairs: its first line must be the number of folds and of pairs,"
            + " like 10 300, not "
            + (lines.isEmpty() ? "empty" : Quoted.of(lines.get(0))));
  }

  private static String stem(Path list, int pair, String name, String number) {
    try {
      return String.format("%s_%04d", name, Integer.parseInt(number));
    } catch (NumberFormatException e) {
      throw new FileException(list + ", line " + (pair + 2) + ": " + number + " is not a number");
    }
  }

  private static Map<String, String> stems(FaceFolder folder) {
    Map<String, String> byStem = new HashMap<>();
    for (String name : folder.names()) {
      String file = name.substring(name.lastIndexOf('/') + 1);
      int dot = file.lastIndexOf('.');
      byStem.putIfAbsent(dot < 0 ? file : file.substring(0, dot), name);
    }
    return byStem;
  }
}
