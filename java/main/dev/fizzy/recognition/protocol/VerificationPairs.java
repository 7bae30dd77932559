package dev.fizzy.recognition.protocol;

import dev.fizzy.dataset.read.FaceFolder;
import dev.fizzy.file.FileException;
import dev.fizzy.file.Quoted;
import dev.fizzy.file.TextFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Pairs of faces to compare, in the order of their folds, which have equal size.
 *
 * @param missing images of the list that are not in the folder; pairs with one of them are skipped
 */
public record VerificationPairs(List<Pair> pairs, int folds, Set<String> missing) {

  /** Bytes of a list. */
  private static final long LONGEST = 1L << 30;

  private static final int FOLDS = 10;
  private static final int FOLDS_LIMIT = 1000;

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
   * Reads a list of pairs: in the format of Labeled Faces in the Wild, {@code folds<TAB>pairs},
   * then for each fold that many pairs of one person and as many of two; or rows in any form of
   * {@link PairRow}, with a line of column names or without. A list of one fold, or of none, is
   * divided into ten.
   *
   * @throws FileException where the list has neither form
   */
  public static Listed readLfw(Path list, FaceFolder folder) {
    List<String> lines =
        TextFile.lines(list, LONGEST).stream().filter(line -> !line.isBlank()).toList();
    int[] head = head(lines);
    List<PairRow> rows = head == null ? rows(list, lines) : rows(list, lines, head);
    int[] fold =
        head != null && head[0] > 1
            ? IntStream.range(0, rows.size()).map(i -> i / (2 * head[1])).toArray()
            : divided(list, rows);
    ImageNames names = new ImageNames(folder.names());
    Set<String> missing = new TreeSet<>();
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      PairRow row = rows.get(i);
      String a = names.find(row.first());
      String b = names.find(row.second());
      if (a == null) {
        missing.add(row.first());
      }
      if (b == null) {
        missing.add(row.second());
      }
      if (a != null && b != null) {
        pairs.add(new Pair(a, b, row.same(), fold[i]));
      }
    }
    int folds = Arrays.stream(fold).max().orElse(0) + 1;
    return new Listed(new VerificationPairs(pairs, folds, missing), rows.size());
  }

  /** Rows without folds. */
  private static List<PairRow> rows(Path list, List<String> lines) {
    int begin = !lines.isEmpty() && PairRow.parse(lines.get(0)) == null ? 1 : 0; // column names
    if (lines.size() <= begin || PairRow.parse(lines.get(begin)) == null) {
      throw new FileException(
          list
              + " is not a list of pairs: its first line must be the number of folds and of pairs,"
              + " like 10 300, or a pair like pathA pathB 1, not "
              + (lines.isEmpty() ? "empty" : Quoted.of(lines.get(0))));
    }
    List<PairRow> rows = new ArrayList<>();
    for (String line : lines.subList(begin, lines.size())) {
      PairRow row = PairRow.parse(line);
      if (row == null) {
        throw new FileException(list + ": not a pair like the first one: " + Quoted.of(line));
      }
      rows.add(row);
    }
    return rows;
  }

  /** As many rows as the first line announces, of one person and of two by turns. */
  private static List<PairRow> rows(Path list, List<String> lines, int[] head) {
    int half = head[1];
    int count = 2 * head[0] * half;
    if (lines.size() - 1 < count) {
      throw new FileException(
          list
              + " announces "
              + head[0]
              + " folds of 2 x "
              + half
              + " pairs and has "
              + (lines.size() - 1)
              + " lines");
    }
    List<PairRow> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      PairRow row = PairRow.parse(lines.get(i + 1));
      boolean same = i / half % 2 == 0;
      if (row == null || row.same() != same) {
        throw new FileException(
            list
                + ", pair "
                + (i + 1)
                + ": "
                + (same ? "name i j" : "name1 i name2 j")
                + " is expected, not "
                + Quoted.of(lines.get(i + 1)));
      }
      rows.add(row);
    }
    return rows;
  }

  /** Ten folds of consecutive pairs, or fewer where there are fewer pairs of one kind. */
  private static int[] divided(Path list, List<PairRow> rows) {
    int same = (int) rows.stream().filter(PairRow::same).count();
    int folds = Math.min(FOLDS, Math.min(same, rows.size() - same));
    if (folds < 2) {
      throw new FileException(
          list
              + " has "
              + same
              + " pairs of one person and "
              + (rows.size() - same)
              + " of two; two of each are needed");
    }
    int[] fold = new int[rows.size()];
    int[] seen = new int[2];
    for (int i = 0; i < fold.length; i++) {
      boolean one = rows.get(i).same();
      fold[i] = (int) ((long) seen[one ? 1 : 0]++ * folds / (one ? same : fold.length - same));
    }
    return fold;
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

  /** The numbers of folds and of pairs of each kind in a fold; null where the line has others. */
  private static int[] head(List<String> lines) {
    String[] words = lines.isEmpty() ? new String[0] : lines.get(0).strip().split("[\\s,]+");
    boolean numbers =
        words.length > 0
            && words.length <= 2
            && Arrays.stream(words).allMatch(word -> word.matches("[1-9]\\d{0,5}"));
    if (!numbers) {
      return null;
    }
    int half = Integer.parseInt(words[words.length - 1]);
    int folds = words.length == 1 ? 1 : Integer.parseInt(words[0]);
    return folds < FOLDS_LIMIT ? new int[] {folds, half} : null;
  }
}
