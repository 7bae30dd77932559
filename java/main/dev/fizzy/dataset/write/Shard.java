package dev.fizzy.dataset.write;

import dev.fizzy.file.FileException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One of several parts of the work; each part has consecutive identities.
 *
 * @param index 1 .. count
 */
public record Shard(int index, int count) {
  public static final Shard ALL = new Shard(1, 1);

  private static final Pattern FORM = Pattern.compile("(\\d{1,6})/(\\d{1,6})");

  public Shard {
    if (count < 1 || index < 1 || index > count) {
      throw new FileException(
          "shard " + index + "/" + count + " does not exist; the first of three is 1/3");
    }
  }

  /** Reads "3/16". */
  public static Shard parse(String text) {
    Matcher m = FORM.matcher(text);
    if (!m.matches()) {
      throw new FileException("a shard is written i/n, such as 3/16, not " + text);
    }
    return new Shard(Integer.parseInt(m.group(1)), Integer.parseInt(m.group(2)));
  }

  /** First item of this part. */
  public long begin(long total) {
    return total / count * (index - 1) + Math.min(index - 1, total % count);
  }

  /** Last item of this part plus 1. */
  public long end(long total) {
    return begin(total) + total / count + (index <= total % count ? 1 : 0);
  }

  /**
   * The file name of this part's manifest; the manifests of all parts together list the whole set.
   */
  public String manifest() {
    return count == 1 ? "manifest.jsonl" : "manifest-" + index + "-of-" + count + ".jsonl";
  }

  /** The suffix of this part's file names, such as "-03-of-16"; names sort by part. */
  public String suffix() {
    int digits = Integer.toString(count).length();
    return count == 1 ? "" : String.format("-%0" + digits + "d-of-%d", index, count);
  }

  @Override
  public String toString() {
    return index + "/" + count;
  }
}
