package dev.fizzy.rival;

import dev.fizzy.engine.Parameter.Piece;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Relative errors of a network's output and gradients, tensor by tensor: the norm of the difference
 * over the norm of the truth.
 *
 * <p>Some gradients are zero but for rounding: a softmax does not change when a bias is added to
 * all its keys. So a tensor of n elements is never measured against less than the root mean square
 * of its layer's gradient, weights and biases together, times sqrt(n).
 */
public record Difference(Map<String, Double> errors) {
  /** What {@link Values} calls the network's output. */
  public static final String OUTPUT = "output";

  /** The output, and the gradient of each input and of each tensor of the state dict. */
  public static final class Values {
    private final Map<String, float[]> tensors;
    private final Map<String, Double> scales = new LinkedHashMap<>();

    private Values(Map<String, float[]> tensors) {
      this.tensors = tensors;
    }

    public static Values of(Ours ours) {
      Map<String, float[]> all = new LinkedHashMap<>();
      all.put(OUTPUT, ours.output());
      all.putAll(ours.inputGradients());
      Parameters parameters = ours.program().parameters();
      for (Parameters.Slot slot : parameters.slots()) {
        if (!slot.parameter().trained()) {
          continue;
        }
        float[] stacked = parameters.read(Region.GRADIENTS, slot);
        int from = 0;
        for (Piece piece : slot.parameter().pieces()) {
          int to = from + Math.toIntExact(piece.elements());
          boolean whole = to - from == stacked.length;
          all.put(piece.name(), whole ? stacked : Arrays.copyOfRange(stacked, from, to));
          from = to;
        }
      }
      return new Values(all);
    }

    /** Of the backward pass just run, which gave {@code output}. */
    public static Values of(float[] output, TorchTwin torch) {
      Map<String, float[]> all = new LinkedHashMap<>();
      all.put(OUTPUT, output);
      all.putAll(torch.inputGradients());
      TorchWeights weights = torch.weights();
      for (String name : weights.names()) {
        all.put(name, weights.gradient(name));
      }
      return new Values(all);
    }

    /** The square that each tensor's error is measured against; computed at the first call. */
    private Map<String, Double> scales() {
      if (scales.isEmpty()) {
        Map<String, Double> layers = new LinkedHashMap<>();
        Map<String, Long> elements = new LinkedHashMap<>();
        tensors.forEach(
            (name, values) -> {
              scales.put(name, square(values, null));
              layers.merge(layer(name), scales.get(name), Double::sum);
              elements.merge(layer(name), (long) values.length, Long::sum);
            });
        scales.replaceAll(
            (name, square) -> {
              double mean = layers.get(layer(name)) / elements.get(layer(name));
              return Math.max(square, mean * tensors.get(name).length);
            });
      }
      return scales;
    }
  }

  public static Difference between(Values values, Values truth) {
    if (!values.tensors.keySet().equals(truth.tensors.keySet())) {
      throw new IllegalArgumentException(
          values.tensors.keySet() + " are not the tensors " + truth.tensors.keySet());
    }
    Map<String, Double> scales = truth.scales();
    Map<String, Double> errors = new LinkedHashMap<>();
    truth.tensors.forEach(
        (name, expected) -> {
          double difference = square(values.tensors.get(name), expected);
          errors.put(name, Math.sqrt(difference / scales.get(name)));
        });
    return new Difference(errors);
  }

  /** The root mean square of errors on different inputs, tensor by tensor. */
  public static Difference pooled(List<Difference> all) {
    Map<String, Double> errors = new LinkedHashMap<>();
    for (String name : all.get(0).errors.keySet()) {
      double squares = all.stream().mapToDouble(d -> d.errors.get(name) * d.errors.get(name)).sum();
      errors.put(name, Math.sqrt(squares / all.size()));
    }
    return new Difference(errors);
  }

  private static String layer(String name) {
    int dot = name.lastIndexOf('.');
    return dot < 0 ? name : name.substring(0, dot);
  }

  /** Sum of (x - y)^2, in four sums that do not wait for each other; y null stands for zeros. */
  private static double square(float[] x, float[] y) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int i = 0;
    for (; i < x.length - 3; i += 4) {
      s0 += square(x, y, i);
      s1 += square(x, y, i + 1);
      s2 += square(x, y, i + 2);
      s3 += square(x, y, i + 3);
    }
    for (; i < x.length; i++) {
      s0 += square(x, y, i);
    }
    return s0 + s1 + s2 + s3;
  }

  private static double square(float[] x, float[] y, int i) {
    double d = y == null ? x[i] : (double) x[i] - y[i];
    return d * d;
  }

  /** The largest error and whose it is. */
  public String worst() {
    var worst = errors.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow();
    return String.format(
        "output %.2g, worst of %d gradients %.2g (%s)",
        errors.get(OUTPUT), errors.size() - 1, worst.getValue(), worst.getKey());
  }

  /** Tensors whose error is not at most {@code limit}; not a number counts as above. */
  public List<String> above(double limit) {
    List<String> all = new ArrayList<>();
    errors.forEach(
        (name, error) -> {
          if (!(error <= limit)) {
            all.add(String.format("%s %.2g", name, error));
          }
        });
    return all;
  }

  /** Tensors whose error is not at most twice the rival's. */
  public List<String> aboveTwice(Difference rival) {
    List<String> all = new ArrayList<>();
    errors.forEach(
        (name, error) -> {
          double theirs = rival.errors.get(name);
          if (!(error <= 2 * theirs)) {
            all.add(String.format("%s %.2g, libtorch %.2g", name, error, theirs));
          }
        });
    return all;
  }
}
