package dev.fizzy.recognition.protocol;

import dev.fizzy.dataset.read.ImageSource;
import dev.fizzy.file.ByteSource;
import dev.fizzy.file.FileException;
import dev.fizzy.file.InputFile;
import dev.fizzy.image.ImageDecoder;
import dev.fizzy.image.ImageEncoder;
import dev.fizzy.image.Resampler;
import dev.fizzy.image.Rgb;
import dev.fizzy.weights.Safetensors;
import dev.fizzy.weights.StoredTensor;
import dev.fizzy.weights.pickle.PickleReader;
import dev.fizzy.weights.pickle.PyArray;
import dev.fizzy.weights.pickle.PyTuple;
import dev.fizzy.weights.pickle.Span;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A verification set in InsightFace's format ({@code lfw.bin}): a Python pickle of (images, same),
 * written by Python 2 or 3. Pair i consists of the images 2i and 2i+1. An image is an encoded file,
 * as bytes or as an array of bytes, or uint8 pixels [height, width, 3] in the order red, green,
 * blue. Images are read from the file when needed.
 */
public final class VerificationBin implements ImageSource {
  private static final int FOLDS = 10;
  private static final int IMAGE_LIMIT = 256 << 20;

  private final Path file;
  private final FileChannel channel;
  private final List<?> images;
  private final boolean[] same;

  public static VerificationBin open(Path file) {
    FileChannel channel = null;
    boolean done = false;
    try {
      channel = InputFile.channel(file);
      ByteSource source = ByteSource.of(file, channel);
      List<?> parts = items(PickleReader.read(source), 2, file, "two lists, images and answers");
      List<?> images = items(parts.get(0), -1, file, "a list of images");
      boolean[] same = answers(parts.get(1), file);
      if (images.size() != 2 * same.length || same.length < FOLDS) {
        throw new FileException(
            file
                + " has "
                + images.size()
                + " images for "
                + same.length
                + " pairs; expected two per pair, and at least "
                + FOLDS
                + " pairs");
      }
      done = true;
      return new VerificationBin(file, channel, images, same);
    } catch (IOException e) {
      throw FileException.of("read", file, e);
    } finally {
      if (!done) {
        close(channel);
      }
    }
  }

  private VerificationBin(Path file, FileChannel channel, List<?> images, boolean[] same) {
    this.file = file;
    this.channel = channel;
    this.images = images;
    this.same = same;
  }

  private static List<?> items(Object value, int count, Path file, String wanted) {
    List<?> items = null;
    if (value instanceof List<?> list) {
      items = list;
    } else if (value instanceof PyTuple tuple) {
      items = tuple.items();
    } else if (value instanceof PyArray array) {
      items = array.objects();
    }
    if (items == null || count >= 0 && items.size() != count) {
      throw new FileException(file + " is not a verification set: its pickle is not " + wanted);
    }
    return items;
  }

  private static boolean[] answers(Object value, Path file) {
    if (value instanceof PyArray array && array.numbers() != null) {
      float[] numbers = array.numbers().floats();
      boolean[] same = new boolean[numbers.length];
      for (int i = 0; i < same.length; i++) {
        same[i] = numbers[i] != 0;
      }
      return same;
    }
    List<?> items = items(value, -1, file, "a list of images and one of answers");
    boolean[] same = new boolean[items.size()];
    for (int i = 0; i < same.length; i++) {
      Object item = items.get(i);
      if (item instanceof Boolean answer) {
        same[i] = answer;
      } else if (item instanceof Number number) {
        same[i] = number.doubleValue() != 0;
      } else {
        throw new FileException(
            file + ": the answer " + i + " is neither true nor false, nor a number");
      }
    }
    return same;
  }

  /** The pairs, of images "0", "1" and so on, in ten folds like those of scikit-learn's KFold. */
  public VerificationPairs pairs() {
    List<VerificationPairs.Pair> pairs = new ArrayList<>();
    for (int fold = 0, i = 0; fold < FOLDS; fold++) {
      int end = i + same.length / FOLDS + (fold < same.length % FOLDS ? 1 : 0);
      for (; i < end; i++) {
        pairs.add(new VerificationPairs.Pair(name(2 * i), name(2 * i + 1), same[i], fold));
      }
    }
    return new VerificationPairs(pairs, FOLDS, Set.of());
  }

  @Override
  public int count() {
    return images.size();
  }

  /** The image's index. */
  @Override
  public String name(int image) {
    return Integer.toString(image);
  }

  /** The encoded image; pixels are encoded as PNG. */
  @Override
  public byte[] bytes(int image) throws IOException {
    Object value = images.get(image);
    if (value instanceof Span span && !span.text()) {
      return read(span.bytes());
    }
    if (value instanceof PyArray array && array.numbers() != null) {
      StoredTensor numbers = array.numbers();
      if (numbers.type() == Safetensors.Type.U8 && numbers.shape().length == 1) {
        return read(numbers.bytes());
      }
      return ImageEncoder.png(pixels(numbers), null);
    }
    throw new IOException("it is neither bytes nor an array");
  }

  private static byte[] read(ByteSource bytes) throws IOException {
    if (bytes.size() > IMAGE_LIMIT) {
      throw new IOException("it has " + bytes.size() + " bytes");
    }
    java.nio.ByteBuffer into = java.nio.ByteBuffer.allocate((int) bytes.size());
    bytes.read(0, into);
    return into.array();
  }

  private static Rgb pixels(StoredTensor array) throws IOException {
    long[] shape = array.shape();
    if (array.type() != Safetensors.Type.U8 || shape.length != 3 || shape[2] != 3) {
      throw new IOException(
          "it is an array " + array + "; expected uint8 of shape [height, width, 3]");
    }
    if (shape[0] < 1 || shape[1] < 1 || shape[0] > ImageDecoder.PIXEL_LIMIT / shape[1]) {
      throw new IOException("it is an array " + array + ", too large or empty");
    }
    float[] values = array.floats();
    byte[] pixels = new byte[values.length];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (int) values[i];
    }
    return new Rgb((int) shape[1], (int) shape[0], pixels);
  }

  @Override
  public Rgb decode(int image) throws IOException {
    if (images.get(image) instanceof PyArray array
        && array.numbers() != null
        && array.numbers().shape().length > 1) {
      return pixels(array.numbers());
    }
    return ImageDecoder.decode(bytes(image));
  }

  @Override
  public Rgb decode(int image, int size) throws IOException {
    return Resampler.resize(decode(image).square(), size, size);
  }

  @Override
  public String toString() {
    return file.toString();
  }

  private static void close(FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      // nothing was written
    }
  }

  @Override
  public void close() {
    close(channel);
  }
}
