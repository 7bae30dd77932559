package dev.fizzy.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

class QualityCurveTest {
  @TempDir Path folder;

  private void set(String name, String sampler, int steps, String evaluations) throws IOException {
    Path set = Files.createDirectories(folder.resolve(name));
    Files.writeString(
        set.resolve("manifest.json"),
        "{\"model\":\"ab\",\"sampler\":\"" + sampler + "\",\"steps\":" + steps + "}");
    Files.writeString(
        set.resolve("manifest-made.json"),
        "{\"kind\":\"data set\",\"result\":{" + evaluations + "}}");
  }

  private void keep(String name, String kind, Map<String, Object> result) {
    new StoredResult(kind, "2026-01-02T03:04:05Z", "1", "fizzy", ".", "cpu", 1, result)
        .write(folder.resolve(name + ".json"));
  }

  private void separability(String set, String judge, double eer, double real) {
    keep(
        set + "-" + judge,
        "separability",
        Map.of("data", set, "embedder", judge, "eer", eer, "real", Map.of("eer", real)));
  }

  private Report report() {
    return Report.of(folder, "t", "now", "1", false);
  }

  private Document write(QualityCurve.Axis axis) throws Exception {
    Path file = folder.resolve("curve.svg");
    assertTrue(QualityCurve.write(report(), axis, file));
    return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
  }

  private static List<Element> all(Document svg, String tag) {
    var nodes = svg.getElementsByTagName(tag);
    return IntStream.range(0, nodes.getLength()).mapToObj(i -> (Element) nodes.item(i)).toList();
  }

  /** Center of the point of a set in the panel that is drawn first, of a judge. */
  private static double[] point(Document svg, String title) {
    Element circle =
        all(svg, "circle").stream()
            .filter(c -> c.getTextContent().equals(title))
            .findFirst()
            .orElseThrow();
    return new double[] {
      Double.parseDouble(circle.getAttribute("cx")), Double.parseDouble(circle.getAttribute("cy"))
    };
  }

  private void threeSets() throws IOException {
    set("a<b&c", "dpm++", 4, "\"evaluations\":8,\"images_per_second\":20");
    set("mid", "dpm++", 8, "\"evaluations\":16,\"images_per_second\":10");
    set("student", "ddim", 32, "\"evaluations\":32");
    separability("a<b&c", "A", .01, .04);
    separability("mid", "A", .02, .04);
    separability("student", "A", .03, .04);
  }

  @Test
  void setsAreDrawnAtTheirCostAndFigures() throws Exception {
    threeSets();
    Document svg = write(QualityCurve.Axis.EVALUATIONS);
    double[] first = point(svg, "a<b&c: 4 steps, 1, judge A");
    double[] second = point(svg, "mid: 8 steps, 2, judge A");
    double[] third = point(svg, "student: 32 steps, 3, judge A");
    assertEquals(second[0] - first[0], third[0] - second[0], .11, "cost is logarithmic");
    assertEquals(first[1] - second[1], second[1] - third[1], .11, "figures are linear");
    assertTrue(first[0] < second[0] && first[1] > second[1], "up and to the right is more");
    List<String> lines =
        all(svg, "path").stream()
            .filter(p -> p.hasAttribute("stroke-width"))
            .map(p -> p.getAttribute("d"))
            .toList();
    assertEquals(2, lines.size(), "two samplers");
    assertEquals("M%s %sL%s %s".formatted(first[0], first[1], second[0], second[1]), lines.get(0));
    List<String> texts = all(svg, "text").stream().map(Element::getTextContent).toList();
    assertTrue(
        texts.containsAll(List.of("equal error rate, %", "dpm++", "student", "16")), texts + "");
    assertFalse(texts.contains("Frechet distance to real faces"), "no panel without figures");
  }

  @Test
  void speedLeavesOutSetsThatWereNotTimed() throws Exception {
    threeSets();
    Document svg = write(QualityCurve.Axis.SPEED);
    assertEquals(2, all(svg, "circle").size());
    assertTrue(
        point(svg, "a<b&c: 4 steps, 1, judge A")[0] > point(svg, "mid: 8 steps, 2, judge A")[0]);
  }

  /** Parts are drawn by one command each, on one machine or several. */
  @Test
  void aSetInPartsHasTheirAverageSpeed() throws Exception {
    set("parts", "dpm++", 4, "\"evaluations\":8,\"images_per_second\":10");
    Path made = folder.resolve("parts/manifest-made.json");
    Path first = Files.move(made, made.resolveSibling("manifest-made-1-of-2.json"));
    Files.writeString(
        made.resolveSibling("manifest-made-2-of-2.json"),
        Files.readString(first).replace("10", "30"));
    separability("parts", "A", .1, .1);
    GeneratedSet set = report().evaluated().get(0).set();
    assertEquals(8, set.evaluations());
    assertEquals(20, set.imagesPerSecond());
  }

  /** Every judge has its own line; quality has figures for each of its embedders. */
  @Test
  void judgesAreToldApart() throws Exception {
    threeSets();
    separability("mid", "B", .5, .04);
    Map<String, Object> judge =
        Map.of(
            "embedder", "A", "frechet", .3, "frechet_floor", .1, "recall", .2, "real_recall", .9);
    keep(
        "mid-q",
        "quality",
        Map.of(
            "data", "mid", "pixels", Map.of("sharpness_ratio", .5), "embedders", List.of(judge)));
    EvaluatedSet quality =
        report().evaluated().stream()
            .filter(s -> s.figures().containsKey("frechet"))
            .findFirst()
            .orElseThrow();
    assertEquals(Map.of("frechet", .3, "recall", .2, "sharpness_ratio", .5), quality.figures());
    assertEquals(Map.of("frechet", .1, "recall", .9), quality.real());
    Document svg = write(QualityCurve.Axis.EVALUATIONS);
    assertEquals(3 + 1 + 3, all(svg, "circle").size());
    List<String> dashes = new ArrayList<>();
    all(svg, "path").stream()
        .filter(p -> p.hasAttribute("stroke-width"))
        .forEach(p -> dashes.add(p.getAttribute("stroke-dasharray")));
    assertEquals(1, dashes.stream().filter("5 3"::equals).count(), dashes.toString());
  }

  /** Curves of samplers with one name are named after their first set. */
  @Test
  void curvesOfOneSamplerHaveDifferentNames() throws Exception {
    threeSets();
    for (String name : List.of("old4", "old8")) {
      set(name, "dpm++", 4, "\"evaluations\":4");
      Path manifest = folder.resolve(name + "/manifest.json");
      Files.writeString(manifest, Files.readString(manifest).replace("ab", "cd"));
      separability(name, "A", .1, .04);
    }
    Document svg = write(QualityCurve.Axis.EVALUATIONS);
    List<String> texts = all(svg, "text").stream().map(Element::getTextContent).toList();
    assertTrue(texts.containsAll(List.of("dpm++ (a<b&c)", "dpm++ (old4)", "student")), texts + "");
  }

  /** Versions write the settings in different orders. */
  @Test
  void theOrderOfSettingsMakesNoOtherCurve() throws Exception {
    String[] settings = {"{\"a\":1,\"b\":[2,3]}", "{\"b\":[2,3],\"a\":1}", "{\"b\":[3,2],\"a\":1}"};
    for (int i = 0; i < settings.length; i++) {
      set("s" + i, "dpm++", 4, "\"evaluations\":4");
      Path manifest = folder.resolve("s" + i + "/manifest.json");
      Files.writeString(
          manifest, Files.readString(manifest).replace("}", ",\"settings\":" + settings[i] + "}"));
      separability("s" + i, "A", .1, .04);
    }
    List<String> drawn = report().evaluated().stream().map(e -> e.set().drawn()).toList();
    assertEquals(drawn.get(0), drawn.get(1));
    assertNotEquals(drawn.get(0), drawn.get(2));
  }

  /** Experiments have one folder of faces in each of several folders. */
  @Test
  void setsAreNamedByTheirPaths() throws Exception {
    for (String name : List.of("c", "a", "e", "b", "d")) {
      set(name + "/faces", "sampler " + name, 4, "\"evaluations\":8");
      keep(name, "separability", Map.of("data", name + "/faces", "embedder", "A", "eer", .1));
    }
    List<String> names = List.of("a/faces", "b/faces", "c/faces", "d/faces", "e/faces");
    assertEquals(names, report().evaluated().stream().map(e -> e.set().name()).toList(), "sorted");
    assertFalse(QualityCurve.picture(report()).isEmpty());
    List<String> texts =
        all(write(QualityCurve.Axis.EVALUATIONS), "text").stream()
            .map(Element::getTextContent)
            .toList();
    assertTrue(texts.containsAll(names), texts + "");
    Path page = folder.resolve("report.html");
    ReportPage.write(report(), page);
    assertFalse(Files.readString(folder.resolve("report.json")).contains("evaluated"));
  }

  /** Sets of earlier versions, results whose set is gone, and results of other kinds. */
  @Test
  void resultsWithoutCostAreLeftOut() throws IOException {
    set("early", "dpm++", 4, "\"images\":3");
    separability("early", "A", .1, .1);
    separability("gone", "A", .1, .1);
    set("other", "dpm++", 4, "\"evaluations\":4");
    keep("leakage", "leakage", Map.of("data", "other"));
    Path file = folder.resolve("curve.svg");
    assertFalse(QualityCurve.write(report(), QualityCurve.Axis.EVALUATIONS, file));
    assertFalse(Files.exists(file));
    assertEquals("", QualityCurve.picture(report()));
  }

  @Test
  void ticksAreRound() {
    assertEquals(
        List.of("0", "0.1", "0.2", "0.3"),
        Scale.linear(List.of(.02, .35), 0, 1).ticks().stream().map(Scale::label).toList());
    assertEquals(
        List.of("8", "16", "32"),
        Scale.logarithmic(List.of(8., 40.), 0, 1).ticks().stream().map(Scale::label).toList());
    assertEquals(
        List.of("10", "10.5", "11", "11.5", "12"),
        Scale.logarithmic(List.of(10., 12.), 0, 1).ticks().stream().map(Scale::label).toList(),
        "no powers of two");
    assertEquals(.5, Scale.logarithmic(List.of(4., 16.), 0, 1).at(8), 1e-9);
    assertEquals("100", Scale.label(100));
  }
}
