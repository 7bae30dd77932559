package dev.fizzy.image;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Image metadata that marks a synthetic image and identifies how it was generated.
 *
 * @param identity name of the identity
 * @param image index of the image within the identity
 * @param model SHA-256 of the model
 */
public record SyntheticOrigin(long seed, String identity, long image, String model) {
  private static final String SOURCE_TYPE =
      "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";

  /** Keywords and texts, in order. */
  Map<String, String> fields() {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("Software", "fizzy");
    fields.put("SyntheticOrigin", "trainedAlgorithmicMedia");
    fields.put("Seed", Long.toString(seed));
    fields.put("Identity", identity);
    fields.put("Image", Long.toString(image));
    fields.put("Model", model);
    return fields;
  }

  /** An XMP packet with IPTC's DigitalSourceType, which image libraries and platforms look for. */
  static String xmp() {
    return "<?xpacket begin=\"\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>"
        + "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">"
        + "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">"
        + "<rdf:Description rdf:about=\"\""
        + " xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\""
        + " xmlns:Iptc4xmpExt=\"http://iptc.org/std/Iptc4xmpExt/2008-02-29/\""
        + " xmp:CreatorTool=\"fizzy\""
        + " Iptc4xmpExt:DigitalSourceType=\""
        + SOURCE_TYPE
        + "\"/></rdf:RDF></x:xmpmeta><?xpacket end=\"r\"?>";
  }
}
