/**
 * The script that starts Swagger UI. It adds search over all operations (Swagger UI filters tags only), a curl command
 * for each operation, the colour scheme of the user, and scrolling to the error code in the fragment.
 */
export const apiReferenceScript = `(function () {
  var darkScheme = matchMedia('(prefers-color-scheme: dark)')
  function applyColorScheme() { document.documentElement.classList.toggle('dark-mode', darkScheme.matches) }
  applyColorScheme()
  darkScheme.addEventListener('change', applyColorScheme)

  function searchText(tag, operation) {
    var details = ['summary', 'operationId', 'description'].map(function (member) {
      return operation.getIn(['operation', member])
    })
    return [tag, operation.get('method'), operation.get('path')].concat(details).join(' ').toLowerCase()
  }
  function filterOperations(operationsByTag, phrase) {
    var words = phrase.toLowerCase().split(/\\s+/)
    return operationsByTag
      .map(function (tag, name) {
        return tag.set('operations', tag.get('operations').filter(function (operation) {
          var text = searchText(name, operation)
          return words.every(function (word) { return text.indexOf(word) !== -1 })
        }))
      })
      .filter(function (tag) { return tag.get('operations').size > 0 })
  }

  // Shows the curl command of an operation above its parameters.
  function withCurlExample(Parameters, system) {
    var element = system.React.createElement
    return function ParametersWithCurlExample(props) {
      var source = props.operation.getIn(['x-codeSamples', 0, 'source'])
      return element(
        system.React.Fragment,
        null,
        source ? element('pre', { className: 'curl-example', tabIndex: 0 }, source) : null,
        element(Parameters, props),
      )
    }
  }

  // The target of the fragment moves while Swagger UI renders the operations above it, and Swagger UI scrolls when it has
  // measured them.
  var target = document.getElementById(decodeURIComponent(location.hash.slice(1)))
  if (target) {
    var showTarget = function () {
      var top = target.getBoundingClientRect().top
      if (top < 0 || top > innerHeight / 2) target.scrollIntoView()
    }
    var resizing = new ResizeObserver(showTarget)
    resizing.observe(document.getElementById('swagger-ui'))
    addEventListener('scroll', showTarget, { passive: true })
    ;['wheel', 'touchstart', 'pointerdown', 'keydown'].forEach(function (type) {
      addEventListener(type, function () {
        resizing.disconnect()
        removeEventListener('scroll', showTarget)
      }, { once: true, passive: true })
    })
  }

  SwaggerUIBundle({
    url: '/openapi.json',
    dom_id: '#swagger-ui',
    deepLinking: true,
    filter: true,
    defaultModelsExpandDepth: 0,
    validatorUrl: null,
    plugins: [{ fn: { opsFilter: filterOperations }, wrapComponents: { parameters: withCurlExample } }],
    onComplete: function () {
      var search = document.querySelector('.operation-filter-input')
      if (search) {
        search.placeholder = 'Search operations'
        search.setAttribute('aria-label', 'Search operations')
      }
    },
  })
})()
`
