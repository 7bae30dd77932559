package dev.fizzy.alignment.mtcnn;

import dev.fizzy.engine.Parameter.Piece;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.file.FileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The tensors of one network under PyTorch's names: {@code conv1.weight} [out, in, height, width],
 * {@code prelu1.weight}, {@code dense4.weight} [out, in], ... The inputs of the first dense layer,
 * a flattened image, are ordered column by column, as in the published files.
 *
 * @param source name of the source for error messages
 */
record MtcnnWeights(String source, Map<String, Array> tensors) {
  /** Upper bound on the number of elements of a tensor; a file with a larger one is rejected. */
  static final int LARGEST = 1 << 20;

  /** A tensor's shape and its values, row by row. */
  record Array(int[] shape, float[] values) {}

  /** Fills the parameters. The error names every tensor that is missing or has another shape. */
  void fill(Parameters parameters) {
    List<String> wrong = new ArrayList<>();
    for (Parameters.Slot slot : parameters.slots()) {
      float[] values = new float[Math.toIntExact(slot.parameter().elements())];
      int at = 0;
      for (Piece piece : slot.parameter().pieces()) {
        Array array = tensors.get(piece.name());
        if (array == null) {
          wrong.add(piece.name() + " is missing");
        } else if (!Arrays.equals(array.shape, piece.shape())) {
          wrong.add(
              piece.name()
                  + " has shape "
                  + Arrays.toString(array.shape)
                  + ", not "
                  + Arrays.toString(piece.shape()));
        } else {
          float[] part = arranged(piece, array.values);
          System.arraycopy(part, 0, values, at, part.length);
        }
        at += Math.toIntExact(piece.elements());
      }
      if (wrong.isEmpty()) {
        parameters.write(Region.VALUES, slot, values);
      }
    }
    if (!wrong.isEmpty()) {
      throw new FileException(
          source
              + " does not contain the weights of this MTCNN network: "
              + String.join("; ", wrong.subList(0, Math.min(4, wrong.size())))
              + (wrong.size() > 4 ? "; and " + (wrong.size() - 4) + " more" : ""));
    }
  }

  private static float[] arranged(Piece piece, float[] values) {
    return switch (piece.name()) {
      // Images here are (v - 127.5) / 127.5, from -1 to 1; the published networks divide by 128.
      case "conv1.weight" -> scaled(values, 127.5f / 128);
      case "dense4.weight" -> rowByRow(values, piece.shape()[1], 3, 64);
      case "dense5.weight" -> rowByRow(values, piece.shape()[1], 3, 128);
      default -> values;
    };
  }

  private static float[] scaled(float[] values, float factor) {
    float[] result = values.clone();
    for (int i = 0; i < result.length; i++) {
      result[i] *= factor;
    }
    return result;
  }

  /** Reorders the inputs of every output from [column, row, channel] to [row, column, channel]. */
  private static float[] rowByRow(float[] values, int inputs, int side, int channels) {
    float[] result = new float[values.length];
    for (int at = 0; at < values.length; at += inputs) {
      for (int column = 0; column < side; column++) {
        for (int row = 0; row < side; row++) {
          System.arraycopy(
              values,
              at + (column * side + row) * channels,
              result,
              at + (row * side + column) * channels,
              channels);
        }
      }
    }
    return result;
  }
}
