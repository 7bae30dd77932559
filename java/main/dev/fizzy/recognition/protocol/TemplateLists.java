package dev.fizzy.recognition.protocol;

import dev.fizzy.file.FileException;
import dev.fizzy.file.TextFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Scanner;

/**
 * The lists of a template protocol in the format of IJB-B and IJB-C: {@code *_face_tid_mid.txt},
 * lines {@code image template medium}; {@code *_template_pair_label.txt}, lines {@code template
 * template same}; {@code *_name_5pts_score.txt}, lines of an image, ten coordinates and the
 * detector's score.
 *
 * @param images names of the images
 * @param templates number of each image's template, from 0
 * @param media number of each image's medium: frames of one video share it
 * @param weights the detector's score of each image; 1 without the list
 * @param first template of each pair
 * @param second template of each pair
 * @param same whether both are of one person
 */
public record TemplateLists(
    List<String> images,
    int[] templates,
    int[] media,
    float[] weights,
    int templateCount,
    int[] first,
    int[] second,
    boolean[] same) {
  private static final int POINTS_WORDS = 12;

  /** Receives the words of one line. */
  @FunctionalInterface
  private interface Line {
    void read(String[] words);
  }

  /**
   * @param points null if every image has the same weight
   */
  public static TemplateLists read(Path faces, Path pairs, Path points) {
    Builder builder = new Builder();
    lines(faces, 3, builder::face);
    if (points != null) {
      lines(points, POINTS_WORDS, builder::score);
    }
    lines(pairs, 3, builder::pair);
    if (builder.images.isEmpty() || builder.pairs == 0) {
      throw new FileException(
          faces
              + " has "
              + builder.images.size()
              + " images, "
              + pairs
              + " "
              + builder.pairs
              + " pairs");
    }
    return builder.build(points);
  }

  /** Reads line by line; an error names the line's number. */
  private static void lines(Path file, int wanted, Line line) {
    int number = 0;
    try (Scanner in = new Scanner(TextFile.reader(file))) {
      while (in.hasNextLine()) {
        String text = in.nextLine().strip();
        number++;
        if (text.isEmpty()) {
          continue;
        }
        String[] words = text.split("\\s+");
        if (words.length != wanted) {
          throw new FileException(
              file + ", line " + number + ": expected " + wanted + " words, not " + words.length);
        }
        line.read(words);
      }
      if (in.ioException() != null) {
        throw in.ioException();
      }
    } catch (NumberFormatException e) {
      throw new FileException(
          file + ", line " + number + ": a word that should be a number is not one");
    } catch (IllegalArgumentException e) {
      throw new FileException(file + ", line " + number + ": " + e.getMessage());
    } catch (IOException e) {
      throw FileException.of("read", file, e);
    }
  }

  private static final class Builder {
    private final List<String> images = new ArrayList<>();
    private final Map<Integer, Integer> numbers = new HashMap<>();
    private final Map<String, Integer> byName = new HashMap<>();
    private int[] templates = new int[1024];
    private int[] media = new int[1024];
    private float[] scores = new float[0];
    private int[] first = new int[1024];
    private int[] second = new int[1024];
    private boolean[] same = new boolean[1024];
    private int pairs;

    void face(String[] words) {
      int n = images.size();
      if (n == templates.length) {
        templates = Arrays.copyOf(templates, 2 * n);
        media = Arrays.copyOf(media, 2 * n);
      }
      int template = Integer.parseInt(words[1]);
      templates[n] = numbers.computeIfAbsent(template, t -> numbers.size());
      media[n] = Integer.parseInt(words[2]);
      byName.putIfAbsent(words[0], n);
      images.add(words[0]);
    }

    void score(String[] words) {
      if (scores.length == 0) {
        scores = new float[images.size()];
        Arrays.fill(scores, Float.NaN);
      }
      float score = Float.parseFloat(words[POINTS_WORDS - 1]);
      Integer image = byName.get(words[0]);
      if (!(score >= 0 && score < Float.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException("the score " + score + " is not a number from 0");
      }
      if (image != null) {
        scores[image] = score;
      }
    }

    void pair(String[] words) {
      if (pairs == first.length) {
        first = Arrays.copyOf(first, 2 * pairs);
        second = Arrays.copyOf(second, 2 * pairs);
        same = Arrays.copyOf(same, 2 * pairs);
      }
      first[pairs] = template(words[0]);
      second[pairs] = template(words[1]);
      int answer = Integer.parseInt(words[2]);
      if (answer != 0 && answer != 1) {
        throw new IllegalArgumentException("expected 0 or 1, not " + answer);
      }
      same[pairs++] = answer == 1;
    }

    private int template(String word) {
      Integer number = numbers.get(Integer.parseInt(word));
      if (number == null) {
        throw new IllegalArgumentException("there is no image of template " + word);
      }
      return number;
    }

    TemplateLists build(Path points) {
      int n = images.size();
      float[] weights = new float[n];
      int scored = 0;
      for (int i = 0; i < n; i++) { // an image may be in several templates
        int image = byName.get(images.get(i));
        weights[i] = points == null ? 1 : image < scores.length ? scores[image] : Float.NaN;
        scored += Float.isNaN(weights[i]) ? 0 : 1;
      }
      if (scored < n) {
        throw new FileException(points + " has scores of " + scored + " of " + n + " images");
      }
      return new TemplateLists(
          images,
          Arrays.copyOf(templates, n),
          Arrays.copyOf(media, n),
          weights,
          numbers.size(),
          Arrays.copyOf(first, pairs),
          Arrays.copyOf(second, pairs),
          Arrays.copyOf(same, pairs));
    }
  }
}
