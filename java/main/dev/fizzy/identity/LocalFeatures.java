package dev.fizzy.identity;

import dev.fizzy.file.FileException;
import dev.fizzy.file.FileSignature;
import dev.fizzy.image.Rgb;
import dev.fizzy.model.embedder.Preset;
import java.nio.file.Path;
import java.util.List;

/**
 * What an embedder sees at each place of a face: its last feature map of a quarter of the input's
 * resolution, averaged over the cells of a 7x7 grid. Only the 4x5 cells from brows to mouth are
 * kept. Of the C channels, those with equal numbers modulo 32 are summed, so that few faces suffice
 * to know how each cell varies.
 */
public final class LocalFeatures implements Embedder {
  private static final int GRID = 7;
  private static final int FIRST_ROW = 2;
  private static final int ROWS = 4;
  private static final int FIRST_COLUMN = 1;
  private static final int COLUMNS = 5;

  /** Values of each cell. */
  public static final int CHANNELS = 32;

  /** Cells of a face; a vector has the values of one after the other. */
  public static final int CELLS = ROWS * COLUMNS;

  private final Embedder maps;
  private final int height;
  private final int width;

  /**
   * @param maps gives maps [H,W,C]
   */
  private LocalFeatures(Embedder maps, int height, int width) {
    this.maps = maps;
    this.height = height;
    this.width = width;
  }

  /** As {@link Embedder#open}, of an ONNX network whose operators the engine computes. */
  public static LocalFeatures open(Path file, Preset preset, List<String> devices, int threads) {
    if (FrozenFeatures.signature(file) == FileSignature.SAFETENSORS) {
      throw new FileException(
          file + " is not an ONNX network; only an ONNX network's feature maps are compared");
    }
    Embedder maps = EngineEmbedder.maps(file, preset, devices, threads);
    Preset prepared = maps.preset();
    return new LocalFeatures(maps, prepared.height() / 4, prepared.width() / 4);
  }

  @Override
  public Preset preset() {
    return maps.preset();
  }

  @Override
  public int width() {
    return CELLS * CHANNELS;
  }

  @Override
  public int batch() {
    return maps.batch();
  }

  @Override
  public float[][] features(List<Rgb> faces) {
    float[][] found = maps.features(faces);
    for (int i = 0; i < found.length; i++) {
      found[i] = cells(found[i], height, width);
    }
    return found;
  }

  /**
   * The cells of a map.
   *
   * @param map [H,W,C]
   */
  static float[] cells(float[] map, int height, int width) {
    int channels = map.length / (height * width);
    float[] cells = new float[CELLS * CHANNELS];
    for (int cell = 0; cell < CELLS; cell++) {
      int row = FIRST_ROW + cell / COLUMNS;
      int column = FIRST_COLUMN + cell % COLUMNS;
      int top = row * height / GRID;
      int bottom = (row + 1) * height / GRID;
      int left = column * width / GRID;
      int right = (column + 1) * width / GRID;
      float share = 1f / ((bottom - top) * (right - left));
      for (int y = top; y < bottom; y++) {
        for (int x = left; x < right; x++) {
          for (int c = 0; c < channels; c++) {
            cells[cell * CHANNELS + c % CHANNELS] += share * map[(y * width + x) * channels + c];
          }
        }
      }
    }
    return cells;
  }

  @Override
  public void close() {
    maps.close();
  }
}
