package dev.fizzy.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fizzy.dataset.ImageSets;
import dev.fizzy.dataset.Pictures;
import dev.fizzy.dataset.read.ImageSource;
import dev.fizzy.dataset.read.LabeledImages;
import dev.fizzy.dataset.recordio.RecordContainer;
import dev.fizzy.dataset.webdataset.TarContainer;
import dev.fizzy.dataset.write.DatasetFormat;
import dev.fizzy.dataset.write.Exporter;
import dev.fizzy.engine.Devices;
import dev.fizzy.file.FileException;
import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.Cosines;
import dev.fizzy.identity.Embeddings;
import dev.fizzy.image.ImageDecoder;
import dev.fizzy.image.Rgb;
import dev.fizzy.recognition.Leakage;
import dev.fizzy.recognition.LeakageSummary;
import dev.fizzy.recognition.RealComparison;
import dev.fizzy.recognition.Separability;
import dev.fizzy.recognition.Spread;
import dev.fizzy.recognition.quality.PixelQuality;
import dev.fizzy.recognition.quality.RoundTripCosines;
import dev.fizzy.recognition.quality.RoundTripQuality;
import dev.fizzy.recognition.quality.SetComparison;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder with one of everything, its data and its page as a browser shows it. */
class ReportPageTest {
  private static final String MANIFEST =
      "{\"seed\":9,\"model\":\"ab\",\"sampler\":\"ddim\",\"steps\":5,\"guidance\":2.0,"
          + "\"identities\":3,\"imagesPerIdentity\":2,\"imageSize\":16,\"imageFormat\":\"png\"}";

  @TempDir Path folder;

  @BeforeEach
  void fill() throws IOException {
    for (int i = 0; i < 3; i++) {
      for (int k = 0; k < 2; k++) {
        Pictures.blob(folder.resolve("faces/p" + i + "/" + k + ".png"), 16, i);
      }
    }
    Files.writeString(folder.resolve("faces/manifest.json"), MANIFEST);
    Files.writeString(folder.resolve("faces/p0/stray.json"), "{\"kind\":\"not looked at\"}");
    List<String> lines = new ArrayList<>();
    for (int step = 1; step <= 3000; step++) {
      lines.add("{\"step\":" + step + ",\"loss\":" + 1. / step + ",\"lr\":0.1}");
    }
    lines.add(2000, "{\"step\":2000,\"valid_accuracy\":0.75}");
    lines.add("{\"step\":3001,\"lo");
    Files.createDirectories(folder.resolve("runs/a</script>b"));
    Files.write(folder.resolve("runs/a</script>b/metrics.jsonl"), lines);
    Contexts faces = faces("p", 24, 3, 1);
    Map<String, Object> separability =
        Separability.of(faces, faces("p", 24, 1, 2, "p%d"), 500, 1, n -> {}).fields();
    separability.put(
        "retrieval", Map.of("candidates", 24, "images", Map.of("rank1", .625, "median_rank", 2)));
    separability.putAll(
        RealComparison.of(faces, null, faces("q", 9, 2, 5), people(9, 2), 50, 1, n -> {}).fields());
    keep("separability", separability);
    Map<String, Object> templates = new LinkedHashMap<>(separability);
    templates.putAll(Map.of("templates", 48, "pairs", 60, "tar", Map.of("1e-1", 0.125)));
    keep("templates", templates);
    Map<String, Object> verification = new LinkedHashMap<>(separability);
    verification.putAll(Map.of("accuracy", 0.9, "deviation", 0.01, "pairs", 60));
    verification.put("embedder_sha256", "abc");
    keep("verification", verification);
    keep("recognizer", Map.of("model_sha256", "abc", "identities", 7, "selected_by", "nothing"));
    keep("verification sets", Map.of("sets", Map.of("agedb.bin", verification), "embedder", "e"));
    try (var device = Devices.open("cpu", 1)) {
      Contexts real = faces("r", 30, 2, 3);
      Leakage leakage =
          Leakage.of(
              device,
              Embeddings.of(faces),
              Embeddings.of(real),
              real.names().stream().map(n -> n.split("/")[0]).toList(),
              new Leakage.Options(10, 1, 0, 0),
              total -> n -> {});
      Map<String, Object> fields = new LinkedHashMap<>(new LeakageSummary(leakage).fields(5));
      fields.putAll(Map.of("above_rule", "fmr:1e-4", "above_identities", 2));
      keep("leakage", fields);
      keepQuality(SetComparison.of(device, Cosines.unit(faces), Cosines.unit(real), 3, n -> {}));
    }
    Files.writeString(folder.resolve("results/other.json"), "[1, 2]");
    Files.writeString(folder.resolve("results/torn.json"), "{\"kind\":");
  }

  private static List<String> people(int people, int photos) {
    return IntStream.range(0, people * photos).mapToObj(i -> "q" + i / photos).toList();
  }

  private void keepQuality(SetComparison space) {
    try (ImageSource images = ImageSets.faces(folder.resolve("faces"))) {
      Map<String, Object> pixels = PixelQuality.of(images, 16, 1, n -> {}).fields();
      Map<String, Object> judge = new LinkedHashMap<>(space.fields());
      judge.put("embedder", "second.onnx");
      Map<String, Object> both =
          Map.of("size", 16, "data", pixels, "real", pixels, "sharpness_ratio", 1);
      keep("quality", Map.of("pixels", both, "embedders", List.of(judge)));
    }
    List<Rgb> faces = List.of(Pictures.face(16, 1));
    Map<String, Object> fields =
        new LinkedHashMap<>(RoundTripQuality.of(faces, faces, new long[] {3, 0}).fields());
    Map<String, Object> cosines =
        new LinkedHashMap<>(
            new RoundTripCosines(new Spread(new double[] {.5, .7}), new Spread(new double[] {.9}))
                .fields());
    cosines.put("embedder", "second.onnx");
    fields.put("embedders", List.of(cosines));
    keep("autoencoder quality", fields);
  }

  private void keep(String kind, Map<String, Object> result) {
    new StoredResult(
            kind,
            "2026-01-02T03:04:05Z",
            "1",
            "fizzy train recognizer --data d --head arcface --seed 42",
            "..",
            "a machine",
            1.5,
            result)
        .write(folder.resolve("results/" + kind.replace(' ', '_') + ".json"));
  }

  private static Contexts faces(String prefix, int identities, int images, long seed) {
    return faces(prefix, identities, images, seed, prefix + "%d/%d");
  }

  private static Contexts faces(
      String prefix, int identities, int images, long seed, String format) {
    Random random = new Random(seed);
    List<String> names = new ArrayList<>();
    float[][] vectors = new float[identities * images][8];
    for (int i = 0; i < vectors.length; i++) {
      names.add(String.format(format, i / images, i % images));
      for (int k = 0; k < 8; k++) {
        vectors[i][k] = (i / images * 31 + k * 17) % 11 - 5 + (float) random.nextGaussian();
      }
    }
    return new Contexts(names, vectors);
  }

  private Path write() {
    Report report = Report.of(folder, "A title", "2026-01-02T03:04:05Z", "1", true);
    Path page = folder.resolve("report.html");
    ReportPage.write(report, page);
    return page;
  }

  @Test
  void everythingIsFoundAndNothingElse() throws IOException {
    Path page = write();
    JsonNode json = new ObjectMapper().readTree(folder.resolve("report.json").toFile());
    assertEquals(8, json.get("results").size());
    assertEquals("results/leakage.json", json.get("results").get(1).get("file").asText());
    assertEquals(1, json.get("runs").size());
    assertEquals(1, json.get("skipped").size(), json.get("skipped").toString());
    assertTrue(json.get("skipped").get(0).asText().contains("torn.json"));
    JsonNode run = json.get("runs").get(0);
    assertEquals(3000, run.get("steps").asInt());
    assertEquals(1, run.get("damaged").asInt());
    JsonNode loss = run.get("series").get("loss");
    assertEquals(400, loss.get("steps").size());
    double mean = 0; // of steps 1 to 7, the first of 400 stretches
    for (int step = 1; step <= 7; step++) {
      mean += 1. / step / 7;
    }
    assertEquals(mean, loss.get("values").get(0).asDouble(), 1e-9);
    String html = Files.readString(page);
    assertEquals(1, Report.of(folder, "t", "now", "1", true).datasets().size());
    assertFalse(html.contains("a</script>b"), "a name must not end the script");
    assertFalse(html.contains("src=\"http") || html.contains("href=\"http"), "needs a network");
    write();
    assertEquals(
        8,
        new ObjectMapper().readTree(folder.resolve("report.json").toFile()).get("results").size(),
        "a report does not report itself");
  }

  /** Data sets are drawn alike in every format. */
  @Test
  void packedSetsAreDrawn() throws IOException {
    export(RecordContainer.FORMAT, "recordio");
    export(TarContainer.format(4), "webdataset");
    Files.createDirectories(folder.resolve("damaged"));
    Files.writeString(folder.resolve("damaged/manifest.json"), MANIFEST);
    Files.writeString(folder.resolve("damaged/train.rec"), "no record");
    Report report = Report.of(folder, "t", "now", "1", true);
    List<DatasetPicture> sets = report.datasets();
    assertEquals(List.of("faces", "recordio", "webdataset"), names(sets));
    assertEquals(sets.get(0).picture(), sets.get(1).picture());
    assertEquals(sets.get(0).picture(), sets.get(2).picture());
    assertEquals(List.of("p0", "p1", "p2"), sets.get(2).rows());
    assertTrue(report.skipped().stream().anyMatch(s -> s.contains("damaged")));
  }

  private static List<String> names(List<DatasetPicture> sets) {
    return sets.stream().map(DatasetPicture::name).toList();
  }

  private void export(DatasetFormat format, String to) {
    Path faces = folder.resolve("faces");
    try (LabeledImages images = ImageSets.open(faces)) {
      Exporter.run(images, faces, folder.resolve(to), format, false, 1, n -> {});
    }
  }

  /** The worst identities and the closest pairs, from a folder and from a packed set. */
  @Test
  void facesThatResultsNameAreShown() throws IOException {
    export(RecordContainer.FORMAT, "recordio");
    keep(
        "leakage",
        Map.of(
            "data",
            "faces",
            "training",
            "recordio",
            "closest",
            List.of(
                Map.of("image", "p0/1.png", "imageTraining", "000002/5"),
                Map.of("image", "../faces/p0/0.png", "imageTraining", "000002/nobody"))));
    keep(
        "separability",
        Map.of("data", "gone", "worst", List.of(Map.of("images", List.of("p0/0.png")))));
    Report report = Report.of(folder, "t", "now", "1", true);
    assertEquals(1, report.pictures().size());
    ResultPictures leakage = report.pictures().get(0);
    assertEquals("results/leakage.json", leakage.file());
    assertEquals(Map.of("p0/1.png", picture("p0/1.png")), leakage.data());
    assertEquals(Map.of("000002/5", picture("p2/0.png")), leakage.training());
    assertTrue(report.skipped().stream().anyMatch(s -> s.contains("gone")), "says what is gone");
  }

  /** A manifest that cannot be read costs the page the set, and not the faces of its results. */
  @Test
  void facesAreShownBesideADamagedManifest() throws IOException {
    Files.writeString(folder.resolve("faces/manifest.json"), "{\"seed\":");
    Files.writeString(folder.resolve("faces/manifest-made.json"), "{}");
    for (String kind : List.of("separability", "leakage")) {
      keep(kind, Map.of("data", "faces", "worst", List.of(Map.of("images", List.of("p0/0.png")))));
    }
    Report report = Report.of(folder, "t", "now", "1", true);
    assertEquals(2, report.pictures().size());
    long named = report.skipped().stream().filter(s -> s.contains("manifest.json")).count();
    assertEquals(2, named, "as a data set and for its results: " + report.skipped());
  }

  private String picture(String face) throws IOException {
    byte[] bytes = Files.readAllBytes(folder.resolve("faces").resolve(face));
    return Thumbnail.uri(ImageDecoder.square(bytes, Thumbnail.SIDE));
  }

  @Test
  void anEmptyFolderIsToldSo() throws IOException {
    Path empty = Files.createDirectories(folder.resolve("empty"));
    String message =
        assertThrows(FileException.class, () -> Report.of(empty, "t", "now", "1", true))
            .getMessage();
    assertTrue(message.contains("nothing to report"), message);
    assertThrows(
        FileException.class, () -> Report.of(folder.resolve("none"), "t", "now", "1", true));
  }

  /** No script error, every chart has its colors on its canvas, every table its rows. */
  @Test
  void aBrowserShowsIt() throws IOException, InterruptedException {
    Browser browser = Browser.find();
    Path page = write();
    String probe =
        "<script>window.addEventListener('load', () => setTimeout(() => {"
            + "document.querySelectorAll('canvas').forEach(c => {"
            + "const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
            + "const seen = new Set(); for (let i = 0; i < d.length; i += 4)"
            + " if (d[i + 3] > 200) seen.add(d[i] + ',' + d[i + 1] + ',' + d[i + 2]);"
            + "c.dataset.colors = seen.size; });"
            + "const all = [...document.querySelectorAll('body *')];"
            + "document.body.dataset.cut = all.filter(e => e.clientWidth"
            + " && (e.getBoundingClientRect().right > innerWidth + 1 ||"
            + " e.matches('.scroll, .card, .tile') && e.scrollWidth > e.clientWidth)).length;"
            + "document.body.dataset.wide = innerWidth;"
            + "parent.postMessage(document.documentElement.outerHTML, '*'); }, 200));</script>";
    Path probed = folder.resolve("probed.html");
    Files.writeString(probed, Files.readString(page).replace("</body>", probe + "</body>"));
    for (int width : new int[] {400, 1200}) {
      Browser.Shown shown = browser.show(probed, width > 400, width, folder);
      assertEquals(List.of(), shown.errors());
      // separability, ROC, leakage, loss, accuracy
      assertTrue(shown.dom().contains("data-charts=\"5\""), "five charts are there");
      assertEquals(List.of(width), shown.numbers("data-wide"));
      assertEquals(List.of(0), shown.numbers("data-cut"), "elements cut at " + width + " px");
      List<Integer> colors = shown.numbers("data-colors");
      assertEquals(5, colors.size());
      assertTrue(colors.stream().allMatch(n -> n >= 3), "a chart is empty: " + colors);
      for (String text :
          List.of(
              "Separability",
              "90.00 % ± 1.00",
              "a&lt;/script&gt;b",
              "verification_sets, agedb.bin",
              "The closest",
              "62.5 % of 24",
              "genuine, real people",
              "Frechet distance",
              "1 of 2",
              "0.600",
              "0.900",
              "TAR at FMR 1e-1",
              "12.50 %",
              "href=\"data:text/csv;charset=utf-8,cosine%2Cimpostor%2Cgenuine%2C",
              "class=\"command\"",
              "2026-01-02")) {
        assertTrue(shown.dom().contains(text), text);
      }
    }
  }
}
