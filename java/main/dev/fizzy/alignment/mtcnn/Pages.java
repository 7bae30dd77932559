package dev.fizzy.alignment.mtcnn;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Lays pyramid levels of several images side by side on pages of one size, because programs have
 * fixed shapes. A level larger than a page is cut into tiles that overlap by what a cell of P-Net
 * sees beyond its step, so that every cell is whole on one of them. Everything begins and ends at
 * even pixels.
 */
final class Pages {
  private static final int OVERLAP = Pyramid.CELL - 2;

  /**
   * A part of a level and its place.
   *
   * @param left the part's left edge in the level
   * @param x its left edge on the page
   */
  record Tile(
      int image, int level, int left, int top, int width, int height, int page, int x, int y) {}

  /** Tiles of equal height or less in a row. */
  private static final class Shelf {
    final int page;
    final int y;
    final int height;
    int filled;

    Shelf(int page, int y, int height) {
      this.page = page;
      this.y = y;
      this.height = height;
    }
  }

  private final int width;
  private final int height;
  private final List<Tile> parts = new ArrayList<>();
  private final List<Tile> tiles = new ArrayList<>();
  private int count;

  /**
   * @param width of a page, even
   */
  Pages(int width, int height) {
    this.width = width;
    this.height = height;
  }

  /** Cuts a level into parts that fit a page; {@link #pack} places them. */
  void add(int image, int level, Pyramid.Size size) {
    int down = 0;
    do {
      int h = Math.min(height, size.height() - down);
      int across = 0;
      do {
        int w = Math.min(width, size.width() - across);
        parts.add(new Tile(image, level, across, down, w, h, -1, -1, -1));
        across += w - OVERLAP;
      } while (across + OVERLAP < size.width());
      down += h - OVERLAP;
    } while (down + OVERLAP < size.height());
  }

  /**
   * First fit by falling height: each part goes on the first shelf that has room. Where none has,
   * one of its height takes what it can of it, and the rest, with the overlap, goes on.
   */
  void pack() {
    parts.sort(Comparator.comparingInt(Tile::height).reversed());
    List<Shelf> shelves = new ArrayList<>();
    for (Tile part : parts) {
      Tile rest = part;
      while (rest != null) {
        rest = place(rest, shelf(shelves, rest));
      }
    }
    tiles.sort(Comparator.comparingInt(Tile::page));
  }

  private Shelf shelf(List<Shelf> shelves, Tile part) {
    Shelf cutting = null;
    for (Shelf s : shelves) {
      int room = width - s.filled;
      if (s.height >= part.height() && room >= part.width()) {
        return s;
      }
      if (cutting == null && s.height == part.height() && room >= 4 * OVERLAP) {
        cutting = s;
      }
    }
    if (cutting == null) {
      cutting = newShelf(shelves, part.height());
      shelves.add(cutting);
    }
    return cutting;
  }

  /** Places what there is room for, and gives what is left, or null. */
  private Tile place(Tile t, Shelf s) {
    int w = Math.min(t.width(), width - s.filled);
    tiles.add(
        new Tile(t.image(), t.level(), t.left(), t.top(), w, t.height(), s.page, s.filled, s.y));
    s.filled += w;
    int step = w - OVERLAP;
    return w == t.width()
        ? null
        : new Tile(
            t.image(),
            t.level(),
            t.left() + step,
            t.top(),
            t.width() - step,
            t.height(),
            -1,
            -1,
            -1);
  }

  private Shelf newShelf(List<Shelf> shelves, int wanted) {
    int[] used = new int[count];
    for (Shelf s : shelves) {
      used[s.page] = Math.max(used[s.page], s.y + s.height);
    }
    for (int page = 0; page < count; page++) {
      if (height - used[page] >= wanted) {
        return new Shelf(page, used[page], wanted);
      }
    }
    return new Shelf(count++, 0, wanted);
  }

  /** Pages in use. */
  int count() {
    return count;
  }

  /** Every part in its place, page by page. */
  List<Tile> tiles() {
    return tiles;
  }
}
