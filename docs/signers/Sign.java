// Put your own signing code into sign; run: okx-doctor test-signer -- java Sign.java
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public class Sign {
    static String sign(String secret, String timestamp, String method, String path, String body) throws Exception {
        String prehash = timestamp + method.toUpperCase() + path + body;
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        return Base64.getEncoder().encodeToString(mac.doFinal(prehash.getBytes(StandardCharsets.UTF_8)));
    }

    public static void main(String[] arguments) throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = lines.readLine()) != null; ) {
            Map<String, String> r = strings(line);
            System.out.println(
                    sign(r.get("secret"), r.get("timestamp"), r.get("method"), r.get("path"), r.get("body")));
        }
    }

    // The JDK reads no JSON; this is enough for an object of strings. Use your own library in its place.
    static final String TEXT = "\"((?:[^\"\\\\]|\\\\.)*)\"";
    static final Pattern PAIR = Pattern.compile(TEXT + "\\s*:\\s*" + TEXT);
    static final Pattern ESCAPE = Pattern.compile("\\\\(?:u([0-9a-fA-F]{4})|(.))");

    static Map<String, String> strings(String object) {
        Map<String, String> found = new HashMap<>();
        for (Matcher pair = PAIR.matcher(object); pair.find(); ) {
            found.put(pair.group(1), plain(pair.group(2)));
        }
        return found;
    }

    static String plain(String text) {
        return ESCAPE.matcher(text).replaceAll(escape -> Matcher.quoteReplacement(
                escape.group(1) != null ? String.valueOf((char) Integer.parseInt(escape.group(1), 16))
                        : switch (escape.group(2)) {
                            case "n" -> "\n";
                            case "r" -> "\r";
                            case "t" -> "\t";
                            case "b" -> "\b";
                            case "f" -> "\f";
                            default -> escape.group(2);
                        }));
    }
}
