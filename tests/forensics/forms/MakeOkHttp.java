// The samples okhttp-jul and okhttp-plain: java MakeOkHttp ADDRESS KEY SECRET PASSPHRASE [plain], with okhttp 4.12 and its
// logging-interceptor; the address is written as www.okx.com then.
import okhttp3.*; import okhttp3.logging.HttpLoggingInterceptor; import javax.crypto.*; import javax.crypto.spec.*; import java.util.*;
public class MakeOkHttp { public static void main(String[] a) throws Exception {
  HttpLoggingInterceptor log = a.length>4 ? new HttpLoggingInterceptor(System.out::println) : new HttpLoggingInterceptor();
  OkHttpClient.Builder builder=new OkHttpClient.Builder();
  builder.addNetworkInterceptor(log.setLevel(HttpLoggingInterceptor.Level.BODY));
  String order="{\"instId\":\"BTC-USDT\",\"tdMode\":\"cash\",\"clOrdId\":\"b15\",\"side\":\"buy\",\"ordType\":\"limit\",\"px\":\"2.15\",\"sz\":\"2\"}";
  for (String[] one : new String[][]{{"GET","/api/v5/account/positions?instType=SWAP&instId=BTC-USDT-SWAP",""},{"POST","/api/v5/trade/order",order}}) {
    String stamp="2026-11-20T09:08:57.715Z";
    Mac mac=Mac.getInstance("HmacSHA256"); mac.init(new SecretKeySpec(a[2].getBytes(),"HmacSHA256"));
    String sign=Base64.getEncoder().encodeToString(mac.doFinal((stamp+one[0]+one[1]+one[2]).getBytes()));
    Request.Builder r=new Request.Builder().url(a[0]+one[1]).header("OK-ACCESS-KEY",a[1]).header("OK-ACCESS-SIGN",sign).header("OK-ACCESS-TIMESTAMP",stamp).header("OK-ACCESS-PASSPHRASE",a[3]);
    if (!one[2].isEmpty()) r=r.post(RequestBody.create(one[2].getBytes(), MediaType.parse("application/json")));
    builder.build().newCall(r.build()).execute().close();
  }
  System.exit(0);
}}
