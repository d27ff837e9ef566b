// Bad signers as people write them in Java. Takes secret, key, passphrase, stamp; prints one capture per line.
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public class Signers {
    static String secret, key, passphrase, stamp;
    static final String BASE = "https://www.okx.com", ORDER = "/api/v5/trade/order", BALANCE = "/api/v5/account/balance";

    static byte[] mac(byte[] text, byte[] with) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(with, "HmacSHA256"));
        return mac.doFinal(text);
    }

    static byte[] mac(String text, byte[] with) throws Exception {
        return mac(text.getBytes(StandardCharsets.UTF_8), with);
    }

    static String sign(String text) throws Exception {
        return Base64.getEncoder().encodeToString(mac(text, secret.getBytes(StandardCharsets.UTF_8)));
    }

    static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }

    static void emit(String cause, String method, String target, String body, String signature) {
        String causes = cause.isEmpty() ? "[]" : "[\"" + cause + "\"]";
        System.out.println("{\"causes\":" + causes + ",\"capture\":{\"method\":\"" + method + "\",\"url\":" + quoted(BASE + target)
            + ",\"headers\":{\"OK-ACCESS-KEY\":" + quoted(key) + ",\"OK-ACCESS-SIGN\":" + quoted(signature)
            + ",\"OK-ACCESS-TIMESTAMP\":" + quoted(stamp) + ",\"OK-ACCESS-PASSPHRASE\":" + quoted(passphrase)
            + ",\"Content-Type\":\"application/json\",\"User-Agent\":\"okhttp/4.12.0\"},\"body\":" + quoted(body) + "}}");
    }

    static String json(Map<String, String> map) {
        return map.entrySet().stream().map(e -> quoted(e.getKey()) + ":" + quoted(e.getValue())).collect(Collectors.joining(",", "{", "}"));
    }

    public static void main(String[] args) throws Exception {
        secret = args[0]; key = args[1]; passphrase = args[2]; stamp = args[3];
        Map<String, String> order = new LinkedHashMap<>();
        for (String[] pair : new String[][] {{"instId", "BTC-USDT"}, {"tdMode", "cash"}, {"side", "buy"}, {"ordType", "limit"}, {"px", "2.15"}, {"sz", "2"}}) {
            order.put(pair[0], pair[1]);
        }
        String sent = json(order), start = stamp + "POST" + ORDER;
        emit("", "POST", ORDER, sent, sign(start + sent));
        emit("body-reserialised", "POST", ORDER, sent, sign(start + json(new HashMap<>(order))));
        emit("body-reserialised", "POST", ORDER, sent, sign(start + json(new TreeMap<>(order))));
        emit("body-reserialised", "POST", ORDER, sent, sign(start + order));
        emit("body-not-signed", "POST", ORDER, sent, sign(start));
        emit("body-differs", "POST", ORDER, sent, sign(start + (Object) null));
        String text = stamp + "GET" + BALANCE;
        emit("signature-hex", "GET", BALANCE, "", HexFormat.of().formatHex(mac(text, secret.getBytes())));
        emit("signature-not-computed", "GET", BALANCE, "", mac(text, secret.getBytes()).toString());
        emit("signature-base64url", "GET", BALANCE + "?ccy=BTC", "", Base64.getUrlEncoder().withoutPadding().encodeToString(mac(text + "?ccy=BTC", secret.getBytes())));
        emit("prehash-encoding", "GET", BALANCE, "", Base64.getEncoder().encodeToString(mac(text.getBytes(StandardCharsets.UTF_16LE), secret.getBytes())));
        String noted = "{\"note\":\"größe\"}";
        emit("prehash-encoding", "POST", ORDER, noted, Base64.getEncoder().encodeToString(mac((start + noted).getBytes(StandardCharsets.US_ASCII), secret.getBytes())));
        emit("prehash-encoding", "POST", ORDER, noted, Base64.getEncoder().encodeToString(mac((start + noted).getBytes(StandardCharsets.ISO_8859_1), secret.getBytes())));
        emit("secret-decoded", "GET", BALANCE, "", Base64.getEncoder().encodeToString(mac(text, HexFormat.of().parseHex(secret))));
        emit("unkeyed-hash", "GET", BALANCE, "", Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest((text + secret).getBytes())));
        emit("query-encoding", "GET", BALANCE + "?ccy=" + URLEncoder.encode("BTC,ETH", "UTF-8"), "", sign(text + "?ccy=BTC,ETH"));
        emit("timestamp-differs", "GET", BALANCE, "", sign(Instant.parse(stamp).plusMillis(57) + "GET" + BALANCE));
        emit("timestamp-differs", "GET", BALANCE, "", sign(Instant.parse(stamp).toEpochMilli() + "GET" + BALANCE));
        emit("method-mismatch", "GET", BALANCE, "", sign(stamp + "null" + BALANCE));
    }
}
