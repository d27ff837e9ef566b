// The sample xchange: java MakeXChange ADDRESS KEY SECRET PASSPHRASE, with xchange-okex 5.2.1 and logback, in whose
// logback.xml si.mazi.rescu has the level TRACE; the address is written as www.okx.com then.
import org.knowm.xchange.*; import org.knowm.xchange.okex.*;
public class MakeXChange { public static void main(String[] a) throws Exception {
  ExchangeSpecification s=new ExchangeSpecification(OkexExchange.class);
  s.setSslUri(a[0]); s.setHost("127.0.0.1"); s.setApiKey(a[1]); s.setSecretKey(a[2]); s.setExchangeSpecificParametersItem("passphrase",a[3]); s.setShouldLoadRemoteMetaData(false);
  Exchange e=ExchangeFactory.INSTANCE.createExchange(s);
  try { System.out.println(e.getTradeService().placeLimitOrder(new org.knowm.xchange.dto.trade.LimitOrder.Builder(org.knowm.xchange.dto.Order.OrderType.BID,new org.knowm.xchange.currency.CurrencyPair("BTC/USDT")).originalAmount(new java.math.BigDecimal("2")).limitPrice(new java.math.BigDecimal("2.15")).build())); } catch (Exception x) { System.out.println(x); }
  try { System.out.println(e.getAccountService().getAccountInfo()); } catch (Exception x) { System.out.println(x); }
}}
