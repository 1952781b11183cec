package example;

import java.util.List;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationConverter;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationToken;
import org.springframework.security.oauth2.server.resource.authentication.JwtGrantedAuthoritiesConverter;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** A resource server whose only setting is issuer-uri. With ROLES=true it reads roles instead of scope. */
@SpringBootApplication
@RestController
public class ResourceServer {
  public static void main(String[] arguments) {
    SpringApplication.run(ResourceServer.class, arguments);
  }

  @Bean
  JwtAuthenticationConverter converter() {
    var authorities = new JwtGrantedAuthoritiesConverter();
    if (Boolean.parseBoolean(System.getenv("ROLES"))) {
      authorities.setAuthoritiesClaimName("roles");
      authorities.setAuthorityPrefix("ROLE_");
    }
    var converter = new JwtAuthenticationConverter();
    converter.setJwtGrantedAuthoritiesConverter(authorities);
    return converter;
  }

  @GetMapping("/")
  Map<String, Object> whoAmI(JwtAuthenticationToken token) {
    List<String> authorities = token.getAuthorities().stream().map(GrantedAuthority::getAuthority).sorted().toList();
    return Map.of("sub", token.getToken().getSubject(), "authorities", authorities);
  }
}
