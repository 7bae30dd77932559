package dev.fizzy.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class QuotedTest {
  @Test
  void whatCannotBeSeenIsWrittenOut() {
    assertEquals("zoë 顔😀", Quoted.of("zoë 顔😀"));
    assertEquals("\\ufefffile\\u0000\\u001b[2J", Quoted.of("\ufefffile\0\u001b[2J"));
    assertEquals("a\\u202eb\\ud800", Quoted.of("a\u202eb\ud800"));
    assertEquals("one two", Quoted.message(" one\n  two\n"));
  }

  @Test
  void isBoundedInLength() {
    String quoted = Quoted.of("a".repeat(1_000_000) + "end");
    assertTrue(quoted.length() < 130, quoted);
    assertTrue(quoted.startsWith("aaaa") && quoted.endsWith("aend"), quoted);
    assertTrue(Quoted.message("\0".repeat(1_000_000)).length() < 13_000);
    assertEquals("y".repeat(1_999), Quoted.message("y".repeat(1_999)));
    List<Object> doubling = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      doubling = new ArrayList<>(List.of(doubling, doubling));
    }
    assertEquals("a list of 2 values", Quoted.of(doubling));
  }
}
