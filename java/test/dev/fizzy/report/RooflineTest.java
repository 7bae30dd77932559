package dev.fizzy.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RooflineTest {
  private static final String PROBE =
      "<script>addEventListener('load', () => setTimeout(() => {"
          + "const c = document.querySelector('canvas');"
          + "const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
          + "const seen = new Set(); for (let i = 0; i < d.length; i += 4)"
          + " if (d[i + 3] > 200) seen.add(d[i] + ',' + d[i + 1] + ',' + d[i + 2]);"
          + "document.body.dataset.colors = seen.size;"
          + "const over = document.querySelector('.u-over'), box = over.getBoundingClientRect();"
          + "for (let x = 2; x < box.width && !document.querySelector('.chosen'); x += 8)"
          + " for (let y = 2; y < box.height && !document.querySelector('.chosen'); y += 8)"
          + " for (const type of ['mousemove', 'mousedown', 'mouseup', 'click'])"
          + " over.dispatchEvent(new MouseEvent(type,"
          + " {clientX: box.left + x, clientY: box.top + y, bubbles: true}));"
          + "parent.postMessage(document.documentElement.outerHTML, '*'); }, 300));</script>";

  @TempDir Path folder;

  private static Map<String, Object> row(String layer, String kind, long flops, long bytes) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("layer", layer);
    row.put("operation", kind);
    row.put("shape", "2x3 > 2x3");
    row.put("type", "f32");
    row.put("count", 1);
    row.put("seconds", 1e-3);
    row.put("flops", flops);
    row.put("bytes", bytes);
    row.put("floor_seconds", 5e-4);
    row.put("bound", "memory");
    row.put("implementations", Map.of("avx2", 1));
    return row;
  }

  /** Two operations with FLOPs are points, the third is only a row; a click chooses a row. */
  @Test
  void operationsArePointsThatChooseTheirRows() throws IOException, InterruptedException {
    Browser browser = Browser.find();
    List<Map<String, Object>> rows =
        List.of(
            row("a<b", "convolution", 50_000_000, 100_000),
            row("c", "group_norm", 1_000_000, 4_000_000),
            row("d", "concat", 0, 4_000_000));
    Map<String, Object> profile = new LinkedHashMap<>();
    profile.put("config", "tiny");
    profile.put("network", "unet");
    profile.put("batch", 2);
    profile.put("type", "f32");
    profile.put("device", "cpu avx2, 2 threads, /a/path");
    profile.put("seconds", 3e-3);
    profile.put("wall_seconds", 3.1e-3);
    profile.put("floor_seconds", 1.5e-3);
    profile.put(
        "peak",
        Map.of(
            "f32_flops", 1e11,
            "bf16_flops", 2e11,
            "bandwidth", 2e10,
            "caches", Map.of("l1", 4e11, "l3", 8e10)));
    profile.put("rows", rows);
    profile.put("operations", rows);
    StoredResult stored =
        new StoredResult(
            "profile", "2026-01-02T03:04:05Z", "1", "fizzy profile", ".", "cpu", 1, profile);
    Path page = folder.resolve("roofline.html");
    ReportPage.writePage(Report.of(new Report.NamedResult("profile", stored), "Profile"), page);
    assertFalse(Files.exists(folder.resolve("report.json")));
    Path probed = folder.resolve("probed.html");
    Files.writeString(probed, Files.readString(page).replace("</body>", PROBE + "</body>"));
    Browser.Shown shown = browser.show(probed, false, 1200, folder);
    assertEquals(List.of(), shown.errors());
    assertEquals(List.of(1), shown.numbers("data-charts"));
    assertTrue(shown.numbers("data-colors").get(0) >= 4, shown.numbers("data-colors").toString());
    assertTrue(shown.dom().contains("3 operations, slowest first"));
    assertTrue(shown.dom().contains("class=\"chosen\""), shown.dom());
    assertTrue(shown.dom().contains("a&lt;b"));
    for (String roof : List.of("memory, f32", "memory, bf16", "L1 cache", "L3 cache")) {
      assertTrue(shown.dom().contains(roof), roof);
    }
    assertFalse(shown.dom().contains("/a/path</p>"));
  }
}
