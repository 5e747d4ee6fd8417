<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:import href="identity.xsl"/>
<xsl:template match="/">
<html lang="en">
<head><title>Theme</title></head>
<body class="t">
<xsl:for-each select="//*[@id = 'two'] | //*[@id = 'two']//b">
  <xsl:apply-templates select="."/>
</xsl:for-each>
<div id="b"><p>theme b</p></div>
</body>
</html>
</xsl:template>
</xsl:stylesheet>
