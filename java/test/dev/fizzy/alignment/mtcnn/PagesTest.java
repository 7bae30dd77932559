package dev.fizzy.alignment.mtcnn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PagesTest {
  private static final int WIDTH = 96;
  private static final int HEIGHT = 64;

  @Test
  void everyCellOfEveryLevelIsOnOnePageOnce() {
    Random random = new Random(5);
    List<Pyramid.Size> sizes = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      sizes.add(new Pyramid.Size(12 + 2 * random.nextInt(110), 12 + 2 * random.nextInt(90)));
    }
    sizes.add(new Pyramid.Size(WIDTH, HEIGHT));
    sizes.add(new Pyramid.Size(WIDTH + 2, HEIGHT + 2));
    Pages pages = new Pages(WIDTH, HEIGHT);
    for (int i = 0; i < sizes.size(); i++) {
      pages.add(i, 0, sizes.get(i));
    }
    pages.pack();
    int[][] cells = new int[sizes.size()][];
    for (int i = 0; i < cells.length; i++) {
      cells[i] = new int[columns(sizes.get(i)) * rows(sizes.get(i))];
    }
    boolean[][] covered = new boolean[pages.count()][WIDTH * HEIGHT];
    for (Pages.Tile t : pages.tiles()) {
      assertTrue(t.x() % 2 == 0 && t.y() % 2 == 0 && t.left() % 2 == 0 && t.top() % 2 == 0);
      for (int i = 0; i < t.width() * t.height(); i++) {
        int at = (t.y() + i / t.width()) * WIDTH + t.x() + i % t.width();
        assertTrue(t.x() + i % t.width() < WIDTH && !covered[t.page()][at], "two tiles at a pixel");
        covered[t.page()][at] = true;
      }
      for (int y = 0; y <= (t.height() - 12) / 2; y++) {
        for (int x = 0; x <= (t.width() - 12) / 2; x++) {
          cells[t.image()][(t.top() / 2 + y) * columns(sizes.get(t.image())) + t.left() / 2 + x]++;
        }
      }
    }
    for (int[] level : cells) {
      for (int count : level) {
        assertEquals(1, count);
      }
    }
  }

  private static int columns(Pyramid.Size size) {
    return (size.width() - 12) / 2 + 1;
  }

  private static int rows(Pyramid.Size size) {
    return (size.height() - 12) / 2 + 1;
  }

  @Test
  void levelsFallToTheCell() {
    List<Pyramid.Size> sizes = Pyramid.sizes(250, 200, 20);
    assertEquals(new Pyramid.Size(150, 120), sizes.get(0));
    assertTrue(sizes.stream().allMatch(s -> s.height() >= 12 && s.width() % 2 == 0));
    assertEquals(List.of(), Pyramid.sizes(300, 19, 20));
    assertEquals(1, Pyramid.sizes(20, 20, 20).size());
  }
}
