package dev.fizzy.alignment.mtcnn;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Packs pyramid levels of several images onto pages of one size, because programs have fixed
 * shapes. A level larger than a page is cut into tiles, which overlap by the size of P-Net's cell
 * minus its stride, so that every cell is complete on one tile. Tiles begin and end at even pixels.
 */
final class Pages {
  private static final int OVERLAP = Pyramid.CELL - 2;

  /**
   * A part of a level and its position on a page.
   *
   * @param left left edge in the level
   * @param x left edge on the page
   */
  record Tile(
      int image, int level, int left, int top, int width, int height, int page, int x, int y) {}

  /** A row of tiles, none higher than the shelf. */
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
    int top = 0;
    do {
      int h = Math.min(height, size.height() - top);
      int left = 0;
      do {
        int w = Math.min(width, size.width() - left);
        parts.add(new Tile(image, level, left, top, w, h, -1, -1, -1));
        left += w - OVERLAP;
      } while (left + OVERLAP < size.width());
      top += h - OVERLAP;
    } while (top + OVERLAP < size.height());
  }

  /**
   * First fit by decreasing height: each part goes onto the first shelf with enough room. If there
   * is none, a shelf of the same height takes as much of the part as fits, and the rest, with the
   * overlap, is placed next.
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
    Shelf sameHeight = null;
    for (Shelf s : shelves) {
      int room = width - s.filled;
      if (s.height >= part.height() && room >= part.width()) {
        return s;
      }
      if (sameHeight == null && s.height == part.height() && room >= 4 * OVERLAP) {
        sameHeight = s;
      }
    }
    if (sameHeight == null) {
      sameHeight = newShelf(shelves, part.height());
      shelves.add(sameHeight);
    }
    return sameHeight;
  }

  /** Places as much of a part as fits and returns the rest, or null. */
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

  /** Number of pages in use. */
  int count() {
    return count;
  }

  /** All placed tiles, page by page. */
  List<Tile> tiles() {
    return tiles;
  }
}
